package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// bug is a change in one place.
type bug struct {
	name, file string
	old, new   string
}

// find runs the tests of s with the bug, and returns the test that has found it.
func (b bug) find(s suite) (string, error) {
	source, err := b.mutant()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	mutant := filepath.Join(dir, "mutant.go")
	if err := os.WriteFile(mutant, []byte(source), 0o600); err != nil {
		return "", err
	}
	path, err := filepath.Abs(b.file)
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: mutant}})
	if err != nil {
		return "", err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return "", err
	}
	out, err := s.test("-overlay", list)
	if err == nil {
		return "", errors.New("no test has found it")
	}
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		return "", err
	}
	if strings.Contains(out, "[build failed]") || strings.Contains(out, "[setup failed]") {
		return "", fmt.Errorf("the bug does not compile:\n%s", out)
	}
	return finder(out), nil
}

// mutant returns the source with the bug in it.
func (b bug) mutant() (string, error) {
	source, err := os.ReadFile(b.file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(source), b.old); n != 1 {
		return "", fmt.Errorf("%s contains %q %d times, want once", b.file, b.old, n)
	}
	return strings.Replace(string(source), b.old, b.new, 1), nil
}
