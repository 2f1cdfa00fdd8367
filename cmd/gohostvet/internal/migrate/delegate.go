package migrate

import (
	"go/ast"
	"go/types"
	"slices"
)

// A delegation is x.List(req, stream) in a method List, which hands on the stream that it
// is given.
type delegation struct {
	decl *ast.FuncDecl
	ret  *ast.ReturnStmt // that returns the error, nil if more is done with it
	call *ast.CallExpr
}

// delegationOf returns the delegation whose function is e, nil if there is none.
func (p *program) delegationOf(f *file, e ast.Expr) *delegation {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	call, ok := f.parent(sel).(*ast.CallExpr)
	if !ok || ast.Unparen(call.Fun) != sel || len(call.Args) == 0 {
		return nil
	}
	ret, _ := f.parent(call).(*ast.ReturnStmt)
	decl, ok := f.function(call).(*ast.FuncDecl)
	if !ok || decl.Recv == nil || decl.Name.Name != sel.Sel.Name {
		return nil
	}
	fields := decl.Type.Params.List
	if len(fields) != len(call.Args) || len(fields[len(fields)-1].Names) != 1 {
		return nil
	}
	stream := f.pkg.Info.Defs[fields[len(fields)-1].Names[0]]
	if stream == nil || uses(f.pkg.Info, call.Args[len(call.Args)-1]) != stream {
		return nil
	}
	return &delegation{decl, ret, call}
}

// delegator returns the node of the type whose method d is in.
func (p *program) delegator(f *file, d *delegation, m member) *node {
	fn, ok := f.pkg.Info.Defs[d.decl.Name].(*types.Func)
	if !ok {
		return nil
	}
	return p.impl(fn.Signature().Recv().Type(), d.call.Pos(), m)
}

// delegatedIn reports whether fn is the function of a delegation by an implementation of n.
func (p *program) delegatedIn(n *node, f *file, fn ast.Expr) bool {
	d := p.delegationOf(f, fn)
	if d == nil {
		return false
	}
	t := receiver(f.pkg.Info.Defs[d.decl.Name])
	return t != nil && n.impls[p.key(t.Pos())] != nil
}

// receiver returns the named type whose method obj is, nil if it is none.
func receiver(obj types.Object) types.Object {
	fn, ok := obj.(*types.Func)
	if !ok || fn.Signature().Recv() == nil {
		return nil
	}
	return namedObject(fn.Signature().Recv().Type())
}

// delegations unites the servers whose methods hand on their streams to one another.
func (p *program) delegations() {
	for _, used := range p.methods {
		for _, u := range used {
			sel, ok := u.file.parents[u.ident].(*ast.SelectorExpr)
			if !ok {
				continue
			}
			d := p.delegationOf(u.file, sel)
			if d == nil {
				continue
			}
			to, from := receiver(u.file.pkg.Info.Uses[u.ident]), receiver(u.file.pkg.Info.Defs[d.decl.Name])
			if to == nil || from == nil {
				continue
			}
			a, b := p.nodes[p.key(to.Pos())], p.nodes[p.key(from.Pos())]
			if a != nil && b != nil && a.root().server && b.root().server {
				unite(a, b)
			}
		}
	}
}

// delegated plans the call of d: it is given the context, and the requests, instead of
// the stream.
func (h *handler) delegated(d *delegation) {
	args := d.call.Args
	if h.method.kind == serverStreaming {
		h.plan.replace(h.f, args[0].Pos(), args[0].Pos(), h.ctx+", ")
		h.plan.replace(h.f, args[0].End(), args[1].End(), "")
		return
	}
	h.plan.replace(h.f, args[0].Pos(), args[0].End(), h.ctx+", "+h.reqs)
}

// delegates plans the handler that does nothing but delegate, and reports whether it is one.
func (h *handler) delegates() bool {
	if len(h.delegations) != 1 || len(h.decl.Body.List) != 1 || h.decl.Body.List[0] != h.delegations[0].ret || len(h.decl.Type.Results.List[0].Names) > 0 {
		return false
	}
	h.delegated(h.delegations[0])
	result := ""
	if h.method.kind == clientStreaming {
		result = "(" + h.typeName(h.method.res) + ", error)"
	}
	h.signature(result, "")
	return true
}

// passedOn returns the edit that makes of the return of d a loop with the body, which is
// given msg and err, and what follows it.
func (h *handler) passedOn(d *delegation, body, after string) planned {
	h.delegated(d)
	return planned{span: span{d.ret.Pos(), d.ret.End()}, before: "for msg, err := range ", moved: span{d.call.Pos(), d.call.End()}, after: " {\n" + body + "\n}" + after}
}

// forwards plans the delegations in what stream.Generate is given, and returns what is to
// be put before them. If an error is not just returned, a function ranges the sequences.
func (h *handler) forwards() string {
	if !slices.ContainsFunc(h.delegations, func(d *delegation) bool { return d.ret == nil }) {
		for _, d := range h.delegations {
			h.plan.add(h.f, h.passedOn(d, "if err != nil {\nreturn err\n}\nif err := "+h.send+"(msg); err != nil {\nreturn err\n}", "\nreturn nil"))
		}
		return ""
	}
	name := h.fresh("forward", "forwardAll")
	for _, d := range h.delegations {
		h.delegated(d)
		h.plan.replace(h.f, d.call.Pos(), d.call.Pos(), name+"(")
		h.plan.replace(h.f, d.call.End(), d.call.End(), ")")
	}
	return "\n// " + name + " sends what another handler sends.\n" + name + " := func(msgs " + h.name("iter", "iter") + ".Seq2[" + h.typeName(h.method.res) + ", error]) error {\n" +
		"for msg, err := range msgs {\nif err != nil {\nreturn err\n}\nif err := " + h.send + "(msg); err != nil {\nreturn err\n}\n}\nreturn nil\n}\n"
}

// delegationAt returns the delegation that ret is, nil if it is none.
func (h *handler) delegationAt(ret *ast.ReturnStmt) *delegation {
	for _, d := range h.delegations {
		if d.ret == ret {
			return d
		}
	}
	return nil
}
