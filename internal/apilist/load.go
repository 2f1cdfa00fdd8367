package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gohostrpc/gohost/internal/exportdata"
)

// listed is the output of "go list" for a package.
type listed struct {
	ImportPath, Name, Dir string
	GoFiles               []string
	Module                struct{ Path string }
}

// folder returns the package's folder in its module, with slashes; "" is the root.
func (l listed) folder() string {
	return strings.TrimPrefix(strings.TrimPrefix(l.ImportPath, l.Module.Path), "/")
}

// goList runs "go list" with args in the folder dir and returns its output.
func goList(dir string, args ...string) ([]listed, error) {
	var stderr bytes.Buffer
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Name,Dir,GoFiles,Module"}, args...)...)
	cmd.Dir, cmd.Stderr = dir, &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		err := d.Decode(&l)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		all = append(all, l)
	}
}

// goPackage is a package whose API is listed.
type goPackage struct {
	folder     string // in the module; "" for the root
	file       string // the name of its file in the folder api
	suffix     string // files with this suffix are listed; "" for all
	fset       *token.FileSet
	types      *types.Package
	deprecated bool
	docs       docs
}

// load reads the packages that args name, in the syntax of "go list". Their
// imports are read from the compiler's export data, so no package outside the
// standard library is needed to read them.
func load(dir string, args ...string) ([]*goPackage, error) {
	found, err := goList(dir, args...)
	if err != nil {
		return nil, err
	}
	exports, err := exportdata.Of(dir, args...)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	imports := exports.Importer(fset)
	var packages []*goPackage
	for _, l := range found {
		p, err := parse(fset, imports, l)
		if err != nil {
			return nil, fmt.Errorf("package %s: %w", l.ImportPath, err)
		}
		packages = append(packages, p)
	}
	slices.SortFunc(packages, func(a, b *goPackage) int { return strings.Compare(a.types.Path(), b.types.Path()) })
	return packages, nil
}

func parse(fset *token.FileSet, imports types.Importer, l listed) (*goPackage, error) {
	var files []*ast.File
	for _, name := range l.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(l.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	info := &types.Info{Defs: make(map[*ast.Ident]types.Object)}
	config := types.Config{Importer: imports, IgnoreFuncBodies: true}
	pkg, err := config.Check(l.ImportPath, fset, files, info)
	if err != nil {
		return nil, err
	}
	p := &goPackage{folder: l.folder(), fset: fset, types: pkg, docs: readDocs(files, info)}
	p.deprecated = slices.ContainsFunc(files, func(f *ast.File) bool { return isDeprecated(f.Doc) })
	return p, nil
}

// declares reports whether obj is declared in a file whose declarations are
// listed.
func (p *goPackage) declares(obj types.Object) bool {
	return strings.HasSuffix(p.fset.Position(obj.Pos()).Filename, p.suffix)
}
