// Package exportdata imports packages from the compiler's export data, so that
// code can be type-checked with the standard library alone.
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

// Files maps import paths to the files with the export data.
type Files map[string]string

// Of builds the packages that the arguments name, in the syntax of "go list" in
// the folder dir. It returns their files and those of all their imports.
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

// Importer returns an importer of the packages. Types are only identical if
// they come from the same importer, which must not be used concurrently.
func (f Files) Importer(fset *token.FileSet) types.Importer {
	return importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if f[path] == "" {
			return nil, fmt.Errorf("package %s was not requested", path)
		}
		return os.Open(f[path])
	})
}
