package migrate

import (
	"go/ast"
	"go/types"
)

// ident looks at one name: a name of a service, or a function that is used as a
// value.
func (p *program) ident(f *file, id *ast.Ident) {
	obj := f.pkg.Info.Uses[id]
	if obj == nil {
		return
	}
	var expr ast.Expr = id
	if sel, ok := f.parents[id].(*ast.SelectorExpr); ok && sel.Sel == id {
		expr = sel
	}
	called := false
	if call, ok := f.parent(expr).(*ast.CallExpr); ok && ast.Unparen(call.Fun) == expr {
		called = true
	}
	if fn, ok := obj.(*types.Func); ok {
		fn = fn.Origin()
		p.methods[p.key(fn.Pos())] = append(p.methods[p.key(fn.Pos())], usedAt{f, id})
		if !called {
			p.functionValue(fn, id)
		}
	}
	if v, ok := obj.(*types.Var); ok && v.Embedded() {
		// An embedded field is called like its type.
		if m := p.serviceType(v.Type()); m.svc != nil {
			n := p.variable(v, id.Pos(), m)
			n.renames = append(n.renames, rename{f, id, m})
		}
		if m := p.member(namedObject(v.Type())); m.role == unimplemented {
			n := p.node("", v.Pos())
			n.services[m.svc], n.server = true, true
			n.renames = append(n.renames, rename{f, id, m})
		}
	}
	m := p.member(obj)
	if m.svc == nil {
		return
	}
	r := rename{f, id, m}
	switch m.role {
	case clientType, serverType:
		p.mention(f, expr, r)
	case newClient:
		if !called {
			p.blocked = append(p.blocked, blockedService{m.svc, false, errorAt(id.Pos(), id.Name+" is used as a value, so it is not known where its clients go")})
			return
		}
		n := p.node("new ", f.parent(expr).Pos())
		n.services[m.svc] = true
		n.news = append(n.news, r)
	case register:
		if !called {
			p.blocked = append(p.blocked, blockedService{m.svc, true, errorAt(id.Pos(), id.Name+" is used as a value, so it is not known what is registered")})
		}
	case unimplemented, unsafeServer:
		p.embedded(f, expr, r)
	case serviceDesc:
		if sel, ok := f.parents[expr].(*ast.SelectorExpr); ok && sel.Sel.Name == "ServiceName" {
			if m.svc.missing == "" && m.svc.pkg.Scope().Lookup(m.name) != nil {
				p.constants = append(p.constants, r)
			}
			return
		}
		p.blocked = append(p.blocked, blockedService{m.svc, true, errorAt(id.Pos(), id.Name+" is used: replace it by "+m.name+" by hand")})
	case fullMethod:
		if m.svc.missing == "" && m.svc.pkg.Scope().Lookup(m.name) != nil {
			p.constants = append(p.constants, r)
		}
	}
}

// functionValue blocks the parameters and results of fn, which is used as a
// value: who calls it with what is not known.
func (p *program) functionValue(fn *types.Func, id *ast.Ident) {
	sig := fn.Signature()
	for _, tuple := range []*types.Tuple{sig.Params(), sig.Results()} {
		for v := range tuple.Variables() {
			if m := p.serviceType(v.Type()); m.svc != nil && p.member(fn).role == noRole {
				p.variable(v, id.Pos(), m).block(id.Pos(), fn.Name()+" is used as a value, so its callers are not known")
			}
		}
	}
}

// mention looks at a type XClient or XServer in the source.
func (p *program) mention(f *file, expr ast.Expr, r rename) {
	add := func(at ast.Node, outside bool) {
		n := p.node("", at.Pos())
		n.services[r.m.svc], n.server = true, r.m.role == serverType
		n.renames = append(n.renames, r)
		if outside {
			n.outside = expr.Pos()
		}
	}
	together := func(names []*ast.Ident) {
		for _, name := range names[1:] {
			unite(p.node("", names[0].Pos()), p.node("", name.Pos()))
		}
	}
	switch up := f.parent(expr).(type) {
	case *ast.TypeAssertExpr, *ast.CaseClause, *ast.CallExpr, *ast.StarExpr, *ast.IndexExpr, *ast.IndexListExpr:
		// Somebody asks at run time whether a value is one, or makes one by it.
		if star, ok := up.(*ast.StarExpr); ok {
			if call, ok := f.parent(star).(*ast.CallExpr); !ok || ast.Unparen(call.Fun) != star {
				return
			}
		}
		p.blocked = append(p.blocked, blockedService{r.m.svc, r.m.role == serverType, errorAt(expr.Pos(), r.ident.Name+" is looked up at run time")})
	case *ast.ValueSpec:
		if up.Type != expr {
			return
		}
		outside := f.function(up) == nil
		if up.Names[0].Name == "_" {
			n := p.node("blank ", up.Names[0].Pos())
			n.services[r.m.svc], n.server = true, r.m.role == serverType
			n.renames = append(n.renames, r)
			return
		}
		add(up.Names[0], outside)
		together(up.Names)
	case *ast.Field:
		list, _ := f.parents[up].(*ast.FieldList)
		switch of := f.parents[list].(type) {
		case *ast.StructType:
			if len(up.Names) == 0 {
				p.embeddedInterface(f, of, expr, r)
				return
			}
			add(up.Names[0], true)
			together(up.Names)
		case *ast.FuncType:
			_, decl := f.parents[of].(*ast.FuncDecl)
			_, lit := f.parents[of].(*ast.FuncLit)
			if !decl && !lit {
				return
			}
			if len(up.Names) == 0 {
				add(up.Type, decl)
				return
			}
			add(up.Names[0], decl)
			together(up.Names)
		}
	}
}

// embeddedInterface looks at an XClient or XServer that a struct embeds. A server
// that embeds one implements the service by it.
func (p *program) embeddedInterface(f *file, of *ast.StructType, expr ast.Expr, r rename) {
	field := p.node("", r.ident.Pos())
	field.services[r.m.svc], field.server = true, r.m.role == serverType
	field.renames = append(field.renames, r)
	spec, ok := f.parents[of].(*ast.TypeSpec)
	if !ok || r.m.role == clientType {
		field.block(expr.Pos(), r.m.svc.typeName(r.m.role)+" is embedded")
		return
	}
	unite(field, p.impl(f.pkg.Info.Defs[spec.Name].Type(), expr.Pos(), r.m))
}

// embedded looks at UnimplementedXServer and UnsafeXServer in the source: the
// type that embeds it implements the service.
func (p *program) embedded(f *file, expr ast.Expr, r rename) {
	var up ast.Node = expr
	for ; up != nil; up = f.parents[up] {
		if spec, ok := up.(*ast.TypeSpec); ok {
			if obj := f.pkg.Info.Defs[spec.Name]; obj != nil {
				n := p.impl(obj.Type(), expr.Pos(), r.m)
				n.renames = append(n.renames, r)
				unite(n, p.node("", r.ident.Pos())) // the field
			}
			return
		}
		if lit, ok := up.(*ast.CompositeLit); ok {
			t := f.pkg.Info.TypeOf(lit)
			if p.member(namedObject(t)).role == noRole && namedObject(t) != nil {
				n := p.impl(t, expr.Pos(), r.m)
				n.renames = append(n.renames, r)
				return
			}
		}
	}
}

func namedObject(t types.Type) types.Object {
	if t == nil {
		return nil
	}
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	if named, ok := types.Unalias(t).(*types.Named); ok {
		return named.Obj()
	}
	return nil
}

// use looks at an expression of a type XClient or XServer that no flow accounts
// for.
func (p *program) use(f *file, e ast.Expr) {
	if _, ok := e.(*ast.ParenExpr); ok || p.consumed[e] {
		return
	}
	tv, ok := f.pkg.Info.Types[e]
	if id, isIdent := e.(*ast.Ident); isIdent {
		if f.pkg.Info.Uses[id] == nil {
			return
		}
		if sel, isSel := f.parents[id].(*ast.SelectorExpr); isSel && sel.Sel == id {
			return
		}
		if kv, isKV := f.parents[id].(*ast.KeyValueExpr); isKV && kv.Key == id {
			return
		}
	}
	if !ok || !tv.IsValue() {
		return
	}
	m := p.serviceType(tv.Type)
	if m.svc == nil {
		return
	}
	n := p.source(f, e, m)
	if n == nil {
		return
	}
	whole := n // of a fork: what is used here is a branch
	switch f.parent(e).(type) {
	case *ast.AssignStmt, *ast.ExprStmt, *ast.BinaryExpr:
	default:
		if branch := p.branch(f, e, m); branch != nil {
			n = branch
		}
	}
	switch up := f.parent(e).(type) {
	case *ast.AssignStmt:
		for _, l := range up.Lhs {
			if ast.Unparen(l) == e {
				return
			}
		}
	case *ast.ExprStmt:
		return
	case *ast.BinaryExpr:
		if f.pkg.Info.Types[up.X].IsNil() || f.pkg.Info.Types[up.Y].IsNil() {
			whole.nilAt = e.Pos()
			return
		}
	case *ast.SelectorExpr:
		method := m.svc.methods[up.Sel.Name]
		called, ok := f.parent(up).(*ast.CallExpr)
		switch {
		case !ok || ast.Unparen(called.Fun) != up:
			n.block(e.Pos(), up.Sel.Name+" is used as a method value")
		case m.role == clientType:
			n.calls = append(n.calls, call{f, e, called, method})
		case method != nil && method.kind == unary:
			n.called = true
		case method != nil:
			if d := p.delegationOf(f, up); d != nil {
				unite(n, p.delegator(f, d, m))
				return
			}
			n.block(e.Pos(), method.calledDirectly())
		}
		return
	}
	n.block(e.Pos(), m.svc.typeName(m.role)+" is passed to code that is not followed")
}

// blockServices blocks what is not known for whole services.
func (p *program) blockServices() {
	for _, n := range p.nodes {
		if n.up != nil {
			continue
		}
		for _, b := range p.blocked {
			if n.services[b.svc] && n.server == b.server {
				n.blocks = append(n.blocks, b.left)
			}
		}
	}
}
