package protocases

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// The modules that the cases are built in.
const (
	Module = "cases.example"
	Other  = "other.example" // for the messages of another project
)

// Workspace is a module to build generated files in, offline.
type Workspace struct{ dir string }

// NewWorkspace makes a module in the folder dir with the requirements of the
// module in the folder like, which it replaces by that folder.
func NewWorkspace(dir, like string) (Workspace, error) {
	like, err := filepath.Abs(like)
	if err != nil {
		return Workspace{}, err
	}
	mod, err := os.ReadFile(filepath.Join(like, "go.mod"))
	if err != nil {
		return Workspace{}, err
	}
	sum, err := os.ReadFile(filepath.Join(like, "go.sum"))
	if err != nil {
		return Workspace{}, err
	}
	line, rest, _ := strings.Cut(string(mod), "\n")
	self := strings.TrimPrefix(line, "module ")
	rest = strings.ReplaceAll(rest, "=> ../", "=> "+filepath.Dir(like)) // of e2e
	w := Workspace{dir}
	for name, text := range map[string]string{
		"go.mod": fmt.Sprintf("module %s\n%s\nrequire (\n\t%s v0.0.0\n\t%s v0.0.0\n)\nreplace %s => %s\nreplace %s => ./other\n",
			Module, rest, self, Other, self, like, Other),
		"go.sum":       string(sum),
		"other/go.mod": "module " + Other + "\ngo 1.24\n",
	} {
		if err := w.write(name, text); err != nil {
			return Workspace{}, err
		}
	}
	return w, nil
}

// Add writes generated files, and returns their paths below the workspace's
// folder. They are in folder, unless their names begin with Module or folder.
func (w Workspace) Add(folder string, files map[string]string) ([]string, error) {
	var names []string
	for name, text := range files {
		if in, ok := strings.CutPrefix(name, Module+"/"); ok {
			name = in
		} else if !strings.HasPrefix(name, folder+"/") {
			name = path.Join(folder, name)
		}
		if err := w.write(name, text); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// AddOther writes files of the other module.
func (w Workspace) AddOther(files map[string]string) error {
	for name, text := range files {
		if err := w.write(path.Join("other", name), text); err != nil {
			return err
		}
	}
	return nil
}

func (w Workspace) write(name, text string) error {
	name = filepath.Join(w.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o644)
}

// Go runs the go command in the workspace. The error includes its output.
func (w Workspace) Go(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = w.dir
	// Use the build cache: -trimpath makes it independent of the folder.
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod -trimpath", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local", "PWD="+w.dir)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("go %s: %w\n%s%s", strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	return stdout.String(), nil
}
