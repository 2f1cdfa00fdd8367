package migrate

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A fork is a variable or field that only NewXClient is assigned to. Where not all that
// uses it can be moved, a second one takes the rest.
type fork struct {
	v    *types.Var
	news []forkNew
	uses []forkUse
	bad  bool // it is assigned something else, or in a way that cannot be repeated
}

// forkNew is where a fork is assigned.
type forkNew struct {
	file *file
	at   ast.Node // an *ast.AssignStmt or *ast.KeyValueExpr
	call ast.Expr
}

// forkUse is where the value of a fork goes.
type forkUse struct {
	file  *file
	ident *ast.Ident
	node  *node
}

// forks finds the forks of all files.
func (p *program) forks() {
	if !p.opts.Split {
		return
	}
	for _, f := range p.files {
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					var value ast.Expr
					if len(n.Lhs) == 1 && len(n.Rhs) == 1 && list(f.parents[n]) != nil {
						value = n.Rhs[i]
					}
					p.forkAt(f, n, l, value)
				}
			case *ast.ValueSpec:
				for _, name := range n.Names {
					p.forkAt(f, n, name, nil)
				}
			case *ast.RangeStmt:
				p.forkAt(f, n, n.Key, nil)
				p.forkAt(f, n, n.Value, nil)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					p.forkAt(f, n, n.X, nil)
				}
			case *ast.CompositeLit:
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						p.forkAt(f, kv, kv.Key, kv.Value)
					} else if s, ok := f.pkg.Info.TypeOf(n).Underlying().(*types.Struct); ok {
						for field := range s.Fields() {
							if p.serviceType(field.Type()).role == clientType {
								p.fork(field).bad = true
							}
						}
					}
				}
			}
			return true
		})
	}
	maps.DeleteFunc(p.forked, func(_ string, k *fork) bool {
		return k.bad || len(k.news) == 0 || !k.v.IsField() && len(k.news) > 1
	})
}

func (p *program) fork(v *types.Var) *fork {
	k := p.forked[p.key(v.Pos())]
	if k == nil {
		k = &fork{v: v}
		p.forked[p.key(v.Pos())] = k
	}
	return k
}

// forkAt looks at an assignment of value to what e is. It is nil if that is not known.
func (p *program) forkAt(f *file, at ast.Node, e, value ast.Expr) {
	id := named(e)
	if id == nil {
		return
	}
	v, ok := f.pkg.Info.ObjectOf(id).(*types.Var)
	if !ok || p.serviceType(v.Type()).role != clientType {
		return
	}
	k := p.fork(v)
	call, ok := ast.Unparen(cmp.Or[ast.Expr](value, &ast.BadExpr{})).(*ast.CallExpr)
	if !ok || !p.plain(f, []ast.Expr{e}) || p.member(asObject(p.callee(f, call))).role != newClient || !p.plain(f, call.Args) {
		k.bad = true
		return
	}
	assign, ok := at.(*ast.AssignStmt)
	if ok && assign.Tok == token.DEFINE == v.IsField() || v.Embedded() || p.fileOf(v.Pos()) == nil {
		k.bad = true
		return
	}
	k.news = append(k.news, forkNew{f, at, call})
}

// forkOf returns the fork that e is, and its name in e. It is nil if e is something else.
func (p *program) forkOf(f *file, e ast.Expr) (*fork, *ast.Ident) {
	id := named(e)
	if id == nil {
		return nil, nil
	}
	v, ok := f.pkg.Info.Uses[id].(*types.Var)
	if !ok {
		return nil, nil
	}
	return p.forked[p.key(v.Pos())], id
}

// branch returns a node of its own for the use e of a fork, nil if e is no fork.
func (p *program) branch(f *file, e ast.Expr, m member) *node {
	k, id := p.forkOf(f, e)
	if k == nil {
		return nil
	}
	n := p.node("branch ", id.Pos())
	n.services[m.svc] = true
	k.uses = append(k.uses, forkUse{f, id, n})
	return n
}

// joinForks unites each fork with its uses that can be moved, or with all if none or all
// can.
func (p *program) joinForks() {
	movable := make(map[*node]bool)
	for _, key := range slices.Sorted(maps.Keys(p.forked)) {
		for _, use := range p.forked[key].uses {
			n := use.node.root()
			if _, ok := movable[n]; !ok {
				plan, _, _ := p.planClient(n)
				movable[n] = plan != nil
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(p.forked)) {
		k := p.forked[key]
		var stay []forkUse
		for _, use := range k.uses {
			if !movable[use.node.root()] {
				stay = append(stay, use)
			}
		}
		at := p.node("", k.v.Pos())
		if len(stay) > 0 && len(stay) < len(k.uses) {
			at.splits = append(at.splits, split{k, stay})
		} else {
			stay = nil
		}
		for _, use := range k.uses {
			if !slices.Contains(stay, use) {
				can := movable[use.node.root()]
				unite(at, use.node)
				movable[at.root()] = can
			}
		}
	}
}

// A split is a fork some of whose uses stay what they are.
type split struct {
	fork *fork
	stay []forkUse
}

// change plans the second variable or field.
func (s split) change(plan *plan) string {
	p, v := plan.p, s.fork.v
	name := s.name(p)
	for _, at := range s.fork.news {
		value := p.text(at.file, at.call)
		end := p.lineEnd(at.file, at.at.End())
		switch n := at.at.(type) {
		case *ast.AssignStmt:
			target := name
			if sel, ok := n.Lhs[0].(*ast.SelectorExpr); ok {
				target = p.text(at.file, sel.X) + "." + name
			}
			plan.replace(at.file, end, end, "\n"+target+" "+n.Tok.String()+" "+value)
		case *ast.KeyValueExpr:
			end := at.at.End() // a comma may follow
			plan.replace(at.file, end, end, ",\n"+name+": "+value)
		}
	}
	if v.IsField() {
		f := p.fileOf(v.Pos())
		field := f.fieldAt(p, v.Pos())
		if field == nil || len(field.Names) != 1 {
			return "the field " + v.Name() + " is declared with others"
		}
		before, at := "\n", p.lineEnd(f, field.End())
		if rest := p.slice(f, at, f.ast.FileEnd); !strings.HasPrefix(rest, "\n") {
			before = "; "
		}
		plan.replace(f, at, at, before+name+" "+p.text(f, field.Type))
	}
	for _, use := range s.stay {
		plan.replace(use.file, use.ident.Pos(), use.ident.End(), name)
	}
	plan.notes = append(plan.notes, Left{v.Pos(), "client", "what is left uses " + name + " now"})
	return ""
}

// name returns the name of the second variable or field: oldClient for client.
func (s split) name(p *program) string {
	v := s.fork.v
	r, size := utf8.DecodeRuneInString(v.Name())
	name := "old" + string(unicode.ToUpper(r)) + v.Name()[size:]
	if v.IsField() {
		if v.Exported() {
			name = strings.ToUpper(name[:1]) + name[1:]
		}
		return name
	}
	at := s.fork.news[0]
	return p.newName(at.file, at.at, nil, name)
}

// fieldAt returns the field that is declared at pos.
func (f *file) fieldAt(p *program, pos token.Pos) *ast.Field {
	var found *ast.Field
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok {
			for _, name := range field.Names {
				if p.key(name.Pos()) == p.key(pos) {
					found = field
				}
			}
		}
		return found == nil
	})
	return found
}
