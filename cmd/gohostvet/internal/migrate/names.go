package migrate

import (
	"go/ast"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// nameOf is what new variables are for.
type nameOf struct {
	at    ast.Node
	names string
}

// newName is newNames for one variable.
func (p *program) newName(f *file, at ast.Node, without types.Object, name string) string {
	return p.newNames(f, at, without, name)[0]
}

// newNames returns the names of new variables of the function that at is in: those of
// names, or all with the same number behind them. The variable without is removed, so
// its name is free.
func (p *program) newNames(f *file, at ast.Node, without types.Object, names ...string) []string {
	key := nameOf{at, strings.Join(names, " ")}
	if chosen, ok := p.chosen[key]; ok {
		return chosen
	}
	fn := f.function(at)
	taken := p.names[fn]
	if taken == nil {
		taken = make(map[string]bool)
		p.names[fn] = taken
	}
	for _, in := range []ast.Node{fn, f.enclosing(at)} {
		ast.Inspect(in, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && f.pkg.Info.ObjectOf(id) != without {
				if sel, ok := f.parents[id].(*ast.SelectorExpr); !ok || sel.Sel != id {
					taken[id.Name] = true
				}
			}
			return true
		})
	}
	chosen := slices.Clone(names)
	for i := 2; slices.ContainsFunc(chosen, func(name string) bool { return taken[name] }); i++ {
		for j, name := range names {
			chosen[j] = name + strconv.Itoa(i)
		}
	}
	for _, name := range chosen {
		taken[name] = true
	}
	p.chosen[key] = chosen
	return chosen
}
