package bufplugin

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
	"gopkg.in/yaml.v3"
)

const (
	root   = "../.."
	folder = root + "/packaging/buf/plugins" // as in github.com/bufbuild/plugins
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// release returns the folder of the one release that is packaged, and its version.
func release(t *testing.T) (dir, version string) {
	t.Helper()
	found, err := filepath.Glob(folder + "/*/*/v*")
	if err != nil || len(found) != 1 {
		t.Fatalf("%s has the folders %q, %v; want that of the next release alone: the others are in bufbuild/plugins", folder, found, err)
	}
	return found[0], filepath.Base(found[0])
}

// plugin has the fields of buf.plugin.yaml for a Go plugin. CONTRIBUTING.md of
// bufbuild/plugins describes them.
type plugin struct {
	Version       string
	Name          string
	PluginVersion string `yaml:"plugin_version"`
	SourceURL     string `yaml:"source_url"`
	GuideURL      string `yaml:"integration_guide_url"`
	Description   string
	Languages     []string `yaml:"output_languages"`
	LicenseID     string   `yaml:"spdx_license_id"`
	LicenseURL    string   `yaml:"license_url"`
	Deps          []struct{ Plugin string }
	Registry      struct {
		Opts []string
		Go   struct {
			MinVersion string `yaml:"min_version"`
			Deps       []struct{ Module, Version string }
		}
	}
}

func config(t *testing.T) plugin {
	t.Helper()
	dir, _ := release(t)
	var p plugin
	decode(t, dir+"/buf.plugin.yaml", &p)
	return p
}

// decode reads a YAML file. A field that to lacks is an error.
func decode(t *testing.T, name string, to any) {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(read(t, name)))
	decoder.KnownFields(true)
	if err := decoder.Decode(to); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func gomod(t *testing.T) *modfile.File {
	t.Helper()
	file, err := modfile.Parse("go.mod", []byte(read(t, root+"/go.mod")), nil)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// required returns the version of a module that go.mod requires.
func required(t *testing.T, module string) string {
	t.Helper()
	for _, r := range gomod(t).Require {
		if r.Mod.Path == module {
			return r.Mod.Version
		}
	}
	t.Fatalf("go.mod does not require %s", module)
	return ""
}

// The names and versions in buf.plugin.yaml match its folder.
func TestNames(t *testing.T) {
	t.Parallel()
	dir, version := release(t)
	relative, err := filepath.Rel(folder, filepath.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	c := config(t)
	repository := "https://" + gomod(t).Module.Mod.Path
	for _, field := range []struct{ name, got, want string }{
		{"version", c.Version, "v1"},
		{"name", c.Name, "buf.build/" + filepath.ToSlash(relative)},
		{"plugin_version", c.PluginVersion, version},
		{"source_url", c.SourceURL, repository},
		{"license_url", c.LicenseURL, repository + "/blob/" + version + "/LICENSE"},
		{"integration_guide_url", c.GuideURL, repository + "/blob/" + version + "/README.md"},
		{"spdx_license_id", c.LicenseID, "Apache-2.0"},
		{"output_languages", strings.Join(c.Languages, " "), "go"},
	} {
		if field.got != field.want {
			t.Errorf("%s: %q, want %q", field.name, field.got, field.want)
		}
	}
	if !semver.IsValid(version) || semver.Canonical(version) != version {
		t.Errorf("the folder is called %s, want a version like v1.2.3", version)
	}
	if strings.Contains(c.Name, "_") || c.Description == "" {
		t.Errorf("the name is %s and the description %q: bufbuild/plugins wants no underscore, and a description", c.Name, c.Description)
	}
}

// Generated SDKs require the lowest versions that work, like go.mod.
func TestRequirements(t *testing.T) {
	t.Parallel()
	c := config(t)
	golang := strings.Join(strings.Split(gomod(t).Go.Version, ".")[:2], ".")
	if c.Registry.Go.MinVersion != golang {
		t.Errorf("min_version: %s, want %s, which go.mod says", c.Registry.Go.MinVersion, golang)
	}
	got := make(map[string]string)
	for _, dep := range c.Registry.Go.Deps {
		got[dep.Module] = dep.Version
	}
	_, version := release(t)
	want := map[string]string{
		gomod(t).Module.Mod.Path: version,
		"google.golang.org/grpc": required(t, "google.golang.org/grpc"),
	}
	for module, version := range want {
		if got[module] != version {
			t.Errorf("registry.go.deps: %s %s, want %s", module, got[module], version)
		}
	}
	if len(got) != len(want) {
		t.Errorf("registry.go.deps: %q, want %q", got, want)
	}
	// The plugin that generates the messages needs no newer runtime.
	protobuf := "buf.build/protocolbuffers/go:" + required(t, "google.golang.org/protobuf")
	if len(c.Deps) != 1 || c.Deps[0].Plugin != protobuf {
		t.Errorf("deps: %v, want %s", c.Deps, protobuf)
	}
	// A generated SDK holds the output of one plugin, so it is its own package.
	if opts := c.Registry.Opts; !slices.Equal(opts, []string{"paths=source_relative", "package_suffix=gohost"}) {
		t.Errorf("registry.opts: %q", opts)
	}
}

var (
	install = regexp.MustCompile(`go install .*-trimpath .*\bgithub\.com/gohostrpc/gohost/cmd/protoc-gen-gohost@(\S+)`)
	base    = regexp.MustCompile(`(?m)^FROM (?:--platform=\S+ )?(\S+)`)
	pinned  = regexp.MustCompile(`^golang:(\d+\.\d+\.\d+)-\w+@sha256:[0-9a-f]{64}$`)
)

// The image is built from the release, with images that do not change.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	dir, version := release(t)
	dockerfile := read(t, dir+"/Dockerfile")
	if m := install.FindStringSubmatch(dockerfile); m == nil || m[1] != version {
		t.Errorf("Dockerfile installs %q, want %s", m, version)
	}
	for _, m := range base.FindAllStringSubmatch(dockerfile, -1) {
		if m[1] == "scratch" {
			continue
		}
		tag := pinned.FindStringSubmatch(m[1])
		if tag == nil {
			t.Errorf("FROM %s: want a version of golang with its digest", m[1])
		} else if semver.Compare("v"+tag[1], "v"+gomod(t).Go.Version) < 0 {
			t.Errorf("FROM %s: go.mod wants Go %s", m[1], gomod(t).Go.Version)
		}
	}
	if ignored := read(t, dir+"/.dockerignore"); ignored != "*\n!Dockerfile\n" {
		t.Errorf(".dockerignore is %q: want all but the Dockerfile ignored", ignored)
	}
}

// New versions are found with the path of our module.
func TestSource(t *testing.T) {
	t.Parallel()
	dir, _ := release(t)
	var got struct {
		Source struct {
			GoProxy struct {
				Name string
			}
		}
	}
	decode(t, filepath.Dir(dir)+"/source.yaml", &got)
	if path := gomod(t).Module.Mod.Path; got.Source.GoProxy.Name != path {
		t.Errorf("source.yaml names %q, want %s", got.Source.GoProxy.Name, path)
	}
}
