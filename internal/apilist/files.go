package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	folder = "api"
	repair = "if the change is wanted: make api, and commit what it writes"
)

// compare returns an error if the files in the folder api of dir differ from
// the listings, which are keyed by file name.
func compare(dir string, listings map[string]string) error {
	files, err := read(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names(listings, files) {
		if diff := unified(filepath.ToSlash(filepath.Join(folder, name)), files[name], listings[name]); diff != "" {
			errs = append(errs, fmt.Errorf("%s/%s is not the API of the code:\n%s", folder, name, diff))
		}
	}
	if len(errs) > 0 {
		errs = append(errs, errors.New(repair))
	}
	return errors.Join(errs...)
}

// write writes the listings into the folder api of dir, removes other files
// from it, and reports the changes to w.
func write(dir string, listings map[string]string, w io.Writer) error {
	files, err := read(dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
		return err
	}
	for _, name := range names(listings, files) {
		path := filepath.Join(dir, folder, name)
		text, wanted := listings[name]
		switch {
		case !wanted:
			err = os.Remove(path)
		case text != files[name]:
			err = os.WriteFile(path, []byte(text), 0o644)
		default:
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s/%s has changed\n", folder, name)
	}
	return nil
}

// read returns the files in the folder api of dir, which may be missing.
func read(dir string) (map[string]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, folder, "*.txt"))
	if err != nil {
		return nil, err
	}
	files := make(map[string]string)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		// Git may have checked it out with Windows line endings.
		files[filepath.Base(path)] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
	return files, nil
}

// names returns the sorted names of both maps.
func names(a, b map[string]string) []string {
	return slices.Compact(slices.Sorted(func(yield func(string) bool) {
		for _, m := range []map[string]string{a, b} {
			for name := range maps.Keys(m) {
				if !yield(name) {
					return
				}
			}
		}
	}))
}
