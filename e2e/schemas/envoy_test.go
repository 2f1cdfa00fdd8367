package schemas

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bootstrap "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3" // typed_config
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"
	"google.golang.org/protobuf/reflect/protoreflect"
	"sigs.k8s.io/yaml"
)

// goldens returns the files of that name in the golden cases of the plugin.
func goldens(t *testing.T, name string) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/proxy/*/" + name)
	if err != nil || len(files) < 3 {
		t.Fatalf("%s: %v, %v", name, files, err)
	}
	return files
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestEnvoy(t *testing.T) {
	t.Parallel()
	for _, file := range goldens(t, "envoy.yaml") {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			t.Parallel()
			if err := checkEnvoy(read(t, file)); err != nil {
				t.Error(err)
			}
		})
	}
}

// checkEnvoy finds what Envoy would reject.
func TestEnvoyRefuses(t *testing.T) {
	t.Parallel()
	text := read(t, "../../testdata/proxy/tls/envoy.yaml")
	for _, test := range []struct{ old, new, err string }{
		{"stat_prefix: gohost", "stat_prefixx: gohost", "stat_prefixx"},
		{"stat_prefix: gohost", `stat_prefix: ""`, "StatPrefix"},
		{"max_concurrent_streams: 1000", "max_concurrent_streams: 0", "MaxConcurrentStreams"},
		{"port_value: 8443", "port_value: 65536", "PortValue"},
		{"upstreams.http.v3.HttpProtocolOptions\n", "upstreams.http.v3.NoOptions\n", "NoOptions"},
	} {
		broken := strings.Replace(text, test.old, test.new, 1)
		if err := checkEnvoy(broken); broken == text || err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: error = %v, want one with %q", test.new, err, test.err)
		}
	}
}

// checkEnvoy returns an error if text is not a valid configuration of Envoy: for a
// field that does not exist, or a value that violates Envoy's own rules, at any depth.
func checkEnvoy(text string) error {
	json, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil {
		return err
	}
	config := new(bootstrap.Bootstrap)
	if err := protojson.Unmarshal(json, config); err != nil {
		return err
	}
	var errs []error
	err = protorange.Range(config.ProtoReflect(), func(p protopath.Values) error {
		// No other check looks into an Any.
		if step := p.Index(-1).Step.Kind(); step == protopath.RootStep || step == protopath.AnyExpandStep {
			m, _ := p.Index(-1).Value.Interface().(protoreflect.Message)
			v, ok := m.Interface().(interface{ ValidateAll() error })
			if !ok {
				return errors.New(string(m.Descriptor().FullName()) + " has no rules")
			}
			errs = append(errs, v.ValidateAll())
		}
		return nil
	})
	return errors.Join(append(errs, err)...)
}
