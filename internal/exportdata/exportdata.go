// Package exportdata imports packages from what the compiler has written about
// them, so that code can be checked against them with the standard library alone.
package exportdata

import (
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
)

// Files are the files with the export data of packages, by import path.
type Files map[string]string

// Of builds the packages that the arguments name, as "go list" takes them in the
// folder dir, and returns the files of them and of all that they import.
func Of(dir string, packages ...string) (Files, error) {
	cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}, packages...)...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return nil, fmt.Errorf("go list %s: %w\n%s", strings.Join(packages, " "), err, exit.Stderr)
	} else if err != nil {
		return nil, err
	}
	files := make(Files)
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		files[name] = file
	}
	return files, nil
}

// Importer returns an importer of the packages. One importer makes one type of a
// type: it is not to be used concurrently.
func (f Files) Importer(fset *token.FileSet) types.Importer {
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if f[path] == "" {
			return nil, fmt.Errorf("package %s is not among those that were asked for", path)
		}
		return os.Open(f[path])
	})
}
