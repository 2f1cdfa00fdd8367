// Package moves has what the analyzers oldclient and oldserver share: the
// results of package migrate for one package.
package moves

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/migrate"
)

// Analyzer finds what can be migrated in a package without reading others.
var Analyzer = &analysis.Analyzer{
	Name:       "moves",
	Doc:        "find what can be moved from protoc-gen-go-grpc to protoc-gen-gohost",
	Run:        run,
	ResultType: reflect.TypeFor[*migrate.Result](),
}

func run(pass *analysis.Pass) (any, error) {
	pkg := &migrate.Package{Fset: pass.Fset, Files: pass.Files, Types: pass.Pkg, Info: pass.TypesInfo}
	return migrate.Find([]*migrate.Package{pkg}, migrate.Options{Local: true}), nil
}

// Report reports the units of servers, or the other units.
func Report(pass *analysis.Pass, servers bool, message string) {
	if servers && !complete(pass) {
		return
	}
	for _, u := range pass.ResultOf[Analyzer].(*migrate.Result).Units {
		if u.Server != servers {
			continue
		}
		pass.Report(analysis.Diagnostic{
			Pos:            first(pass.Fset, u).Pos,
			Message:        message,
			SuggestedFixes: []analysis.SuggestedFix{{Message: "Move it", TextEdits: edits(pass, u)}},
		})
	}
}

// first returns the first change of u that is a client or a registration, or
// else the first change.
func first(fset *token.FileSet, u *migrate.Unit) migrate.Change {
	return slices.MinFunc(u.Changes, func(a, b migrate.Change) int {
		rank := func(c migrate.Change) int {
			if c.Kind == "client" || c.Kind == "registration" {
				return 0
			}
			return 1
		}
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return fset.Position(a.Pos).Offset - fset.Position(b.Pos).Offset
	})
}

// complete reports whether the pass has all files of the package: its tests may
// call a handler.
func complete(pass *analysis.Pass) bool {
	have := make(map[string]bool)
	for _, f := range pass.Files {
		have[pass.Fset.File(f.FileStart).Name()] = true
	}
	for name := range have {
		dir := filepath.Dir(name)
		entries, err := os.ReadDir(dir)
		if err != nil {
			return false
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), "_test.go") && !have[filepath.Join(dir, e.Name())] {
				return false
			}
		}
	}
	return true
}

func edits(pass *analysis.Pass, u *migrate.Unit) []analysis.TextEdit {
	var edits []analysis.TextEdit
	for _, e := range u.Edits {
		edits = append(edits, analysis.TextEdit{Pos: e.Pos, End: e.End, NewText: []byte(e.New)})
	}
	for _, f := range pass.Files {
		for _, path := range u.Imports[pass.Fset.File(f.FileStart).Name()] {
			edits = append(edits, imports(f, path))
		}
	}
	return edits
}

// imports returns the edit that imports "path", or "name path".
func imports(f *ast.File, path string) analysis.TextEdit {
	name, path, named := strings.Cut(path, " ")
	if !named {
		name, path = "", name
	}
	spec := strings.TrimSpace(name + " " + strconv.Quote(path))
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT && g.Lparen.IsValid() && len(g.Specs) > 0 {
			at := g.Specs[len(g.Specs)-1].End()
			if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
				at = g.Specs[0].End() // with those of the standard library
			}
			return analysis.TextEdit{Pos: at, End: at, NewText: []byte("\n\t" + spec)}
		}
	}
	return analysis.TextEdit{Pos: f.Name.End(), End: f.Name.End(), NewText: []byte("\n\nimport " + spec)}
}
