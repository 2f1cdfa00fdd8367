package main

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// house says which packages of a module are listed: all that others can import,
// with these exceptions.
type house struct {
	unpromised []string // folders whose packages have no compatibility promise
	generated  []string // folders of goldens: only our generated code is listed
}

// gohost is this module.
var gohost = house{
	unpromised: []string{
		"examples",  // are for reading
		"generator", // users run the plugins from the command line
		"templates",
	},
	generated: []string{"testdata/listed"},
}

// suffix is the suffix of the files that protoc-gen-gohost generates.
const suffix = "_gohost.pb.go"

// packages returns the listed packages of the module in the folder dir.
func (h house) packages(dir string) ([]*goPackage, error) {
	args := []string{"./..."}
	for _, folder := range h.generated {
		args = append(args, "./"+folder)
	}
	found, err := goList(dir, args...)
	if err != nil {
		return nil, err
	}
	var wanted []string
	for _, p := range found {
		if h.lists(p) {
			wanted = append(wanted, p.ImportPath)
		}
	}
	if len(wanted) == 0 {
		return nil, errors.New("the module has no package that others can import")
	}
	packages, err := load(dir, wanted...)
	if err != nil {
		return nil, err
	}
	files := make(map[string]string)
	for _, p := range packages {
		if slices.Contains(h.generated, p.folder) {
			p.suffix = suffix
		}
		p.file = strings.ReplaceAll(p.folder, "/", "-") + ".txt"
		if p.folder == "" {
			p.file = path.Base(p.types.Path()) + ".txt"
		}
		if other, ok := files[p.file]; ok {
			return nil, fmt.Errorf("%s and %s would both be listed in %s: rename one of them", other, p.types.Path(), p.file)
		}
		files[p.file] = p.types.Path()
	}
	return packages, nil
}

// lists reports whether p is listed.
func (h house) lists(p listed) bool {
	if p.Name == "main" || len(p.GoFiles) == 0 {
		return false
	}
	below := func(folder string) bool { return strings.HasPrefix(p.folder()+"/", folder+"/") }
	return !slices.Contains(strings.Split(p.folder(), "/"), "internal") && !slices.ContainsFunc(h.unpromised, below)
}
