package generator

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/compiler/protogen"

	"github.com/gohostrpc/gohost/internal/diag"
)

// dependency is why a Go package imports another.
type dependency struct {
	of, on protogen.GoImportPath
	file   *protogen.File
	index  int // of the import in file
}

// checkCycles returns an error for each import cycle of Go packages that one of
// files would be built with. Packages may have a cycle even if the .proto files
// have none.
func checkCycles(plugin *protogen.Plugin, files []*protogen.File) error {
	dependencies := make(map[protogen.GoImportPath][]dependency)
	for _, f := range plugin.Files {
		for i := range f.Desc.Imports().Len() {
			imported := plugin.FilesByPath[f.Desc.Imports().Get(i).Path()]
			if imported != nil && imported.GoImportPath != f.GoImportPath {
				dependencies[f.GoImportPath] = append(dependencies[f.GoImportPath], dependency{f.GoImportPath, imported.GoImportPath, f, i})
			}
		}
	}
	for path, ds := range dependencies {
		slices.SortFunc(ds, func(a, b dependency) int {
			return strings.Compare(string(a.on)+"\x00"+a.file.Desc.Path(), string(b.on)+"\x00"+b.file.Desc.Path())
		})
		// One of several imports of a package is enough.
		dependencies[path] = slices.CompactFunc(ds, func(a, b dependency) bool { return a.on == b.on })
	}
	// A package is done when all its imports were visited.
	done := make(map[protogen.GoImportPath]bool)
	var way []dependency
	var errs []error
	var visit func(path protogen.GoImportPath)
	visit = func(path protogen.GoImportPath) {
		if done[path] {
			return
		}
		if start := slices.IndexFunc(way, func(d dependency) bool { return d.of == path }); start >= 0 {
			errs = append(errs, cycleError(way[start:]))
			return
		}
		for _, d := range dependencies[path] {
			way = append(way, d)
			visit(d.on)
			way = way[:len(way)-1]
		}
		done[path] = true
	}
	for _, f := range files {
		visit(f.GoImportPath)
	}
	return errors.Join(errs...)
}

func cycleError(cycle []dependency) error {
	var steps []string
	for _, d := range cycle {
		steps = append(steps, fmt.Sprintf("%v imports %v for %v", d.of, d.on, diag.ImportPosition(d.file.Desc, d.index)))
	}
	return diag.Errorf(diag.ImportPosition(cycle[0].file.Desc, cycle[0].index), "Go packages must not import each other: %s: change the go_package of one of these files",
		strings.Join(steps, ", "))
}
