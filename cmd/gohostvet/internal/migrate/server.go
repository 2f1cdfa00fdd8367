package migrate

import (
	"cmp"
	"go/ast"
	"go/types"
	"maps"
	"slices"
)

// A handlerOf is a method of an implementation that serves an RPC.
type handlerOf struct {
	at     types.Object
	method *method
}

func (p *program) convertServer(n *node) {
	handlers, reason := p.handlers(n)
	if len(handlers) == 0 && len(n.registrations) == 0 {
		return
	}
	if missing := n.missing(); missing != "" {
		p.leaveServer(n, handlers, nil, errorAt(0, missing))
		return
	}
	if p.opts.Local && (len(n.registrations) == 0 || !p.private(n)) {
		return
	}
	if reason.Reason != "" {
		n.blocks = append(n.blocks, reason)
	}
	if len(n.registrations) == 0 && len(n.blocks) == 0 {
		n.blocks = append(n.blocks, errorAt(0, "no registration of this server is among the packages"))
	}
	if len(n.blocks) > 0 {
		p.leaveServer(n, handlers, nil, n.blocks[0])
		return
	}
	plan := newPlan(p)
	plan.server = true
	reasons := make(map[types.Object]string)
	for _, h := range handlers {
		d := p.decls[p.key(h.at.Pos())]
		if h.method.kind != unary {
			one := newPlan(p)
			if reason := p.convertHandler(one, d, h.method); reason != "" {
				reasons[h.at] = reason
				continue
			}
			plan.merge(one)
		}
		if h.method.kind == unary {
			if reason := p.answersNil(plan, n, d, h.method); reason != "" {
				reasons[h.at] = reason
				continue
			}
		}
		plan.change(h.at.Pos(), h.method.kind.String()+" handler")
	}
	if len(reasons) > 0 {
		p.leaveServer(n, handlers, reasons, Left{})
		return
	}
	for _, r := range n.renames {
		if r.m.role != unsafeServer {
			plan.replace(r.file, r.ident.Pos(), r.ident.End(), r.m.name)
			continue
		}
		var field ast.Node = r.ident
		for field != nil {
			if _, ok := field.(*ast.Field); ok {
				break
			}
			field = r.file.parents[field]
		}
		if field == nil {
			p.leaveServer(n, handlers, nil, errorAt(r.ident.Pos(), r.ident.Name+" is used"))
			return
		}
		plan.remove(r.file, field.Pos(), field.End())
	}
	for _, r := range n.registrations {
		plan.replace(r.file, r.ident.Pos(), r.ident.End(), r.m.name)
		plan.change(r.ident.Pos(), "registration")
	}
	p.finish(plan, nil)
}

// embedding unites each implementation with the types that it has handlers of
// by embedding them.
func (p *program) embedding(n *node) {
	for _, key := range slices.Sorted(maps.Keys(n.impls)) {
		t := n.impls[key]
		for _, svc := range sorted(n.services) {
			for name := range svc.methods {
				_, path, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, t.Obj().Pkg(), name)
				var in types.Type = t
				for _, i := range path[:max(len(path)-1, 0)] {
					if ptr, ok := in.Underlying().(*types.Pointer); ok {
						in = ptr.Elem()
					}
					s, ok := in.Underlying().(*types.Struct)
					if !ok {
						break
					}
					in = s.Field(i).Type()
					obj := namedObject(in)
					if obj == nil || p.member(obj).svc != nil || types.IsInterface(in) {
						break
					}
					if f := p.fileOf(obj.Pos()); f != nil {
						unite(n, p.impl(in, obj.Pos(), member{svc: svc, role: serverType}))
					}
				}
			}
		}
	}
}

// handlers returns the methods that serve the RPCs of n, and why they cannot be
// found.
func (p *program) handlers(n *node) ([]handlerOf, Left) {
	var handlers []handlerOf
	var reason Left
	seen := make(map[string]bool)
	for _, key := range slices.Sorted(maps.Keys(n.impls)) {
		t := n.impls[key]
		for _, svc := range sorted(n.services) {
			for _, name := range slices.Sorted(maps.Keys(svc.methods)) {
				m := svc.methods[name]
				obj, path, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, t.Obj().Pkg(), name)
				fn, ok := obj.(*types.Func)
				if !ok {
					continue
				}
				d := p.decls[p.key(fn.Pos())]
				if d == nil {
					if recv := fn.Signature().Recv(); recv == nil || !own(p.member(namedObject(recv.Type())).role) {
						reason = errorAt(t.Obj().Pos(), name+" of "+t.Obj().Name()+" comes from an embedded type that is not among the packages")
					}
					continue
				}
				if seen[p.key(fn.Pos())] {
					continue
				}
				seen[p.key(fn.Pos())] = true
				if len(path) > 1 && d.decl.Recv == nil {
					continue
				}
				handlers = append(handlers, handlerOf{fn, m})
				for _, used := range p.methods[p.key(fn.Pos())] {
					sel, _ := used.file.parents[used.ident].(ast.Expr)
					if m.kind != unary && !p.delegatedIn(n, used.file, sel) {
						reason = errorAt(used.ident.Pos(), m.calledDirectly())
					}
				}
			}
		}
	}
	slices.SortFunc(handlers, func(a, b handlerOf) int { return p.compare(a.at.Pos(), b.at.Pos()) })
	return handlers, reason
}

// own reports whether what has the role comes with the service, and is replaced
// with it.
func own(r role) bool { return r == unimplemented || r == serverType }

func sorted(services map[*service]bool) []*service {
	return slices.SortedFunc(maps.Keys(services), func(a, b *service) int {
		return cmp.Or(cmp.Compare(a.pkg.Path(), b.pkg.Path()), cmp.Compare(a.name, b.name))
	})
}

// leaveServer lists all handlers and registrations of n as left.
func (p *program) leaveServer(n *node, handlers []handlerOf, own map[types.Object]string, because Left) {
	if because.Reason == "" {
		for _, h := range handlers {
			if own[h.at] != "" {
				because = errorAt(h.at.Pos(), own[h.at])
				break
			}
		}
	}
	with := because.Reason
	if because.Pos.IsValid() {
		with = "the server cannot be moved because of " + p.short(because) + ": " + because.Reason
	}
	for _, h := range handlers {
		p.result.Left = append(p.result.Left, Left{h.at.Pos(), h.method.kind.String() + " handler", cmp.Or(own[h.at], with)})
	}
	for _, r := range n.registrations {
		p.result.Left = append(p.result.Left, Left{r.ident.Pos(), "registration", with})
	}
}

// private reports whether nobody but this package can see what implements n.
func (p *program) private(n *node) bool {
	for _, t := range n.impls {
		if t.Obj().Exported() && t.Obj().Pkg().Name() != "main" {
			return false
		}
	}
	return true
}
