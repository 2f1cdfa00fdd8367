package migrate

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// scan finds in f what refers to services, and which values go where.
func (p *program) scan(f *file) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			p.ident(f, n)
		case *ast.AssignStmt:
			p.assign(f, n.Lhs, n.Rhs)
		case *ast.ValueSpec:
			lhs := make([]ast.Expr, len(n.Names))
			for i, name := range n.Names {
				lhs[i] = name
			}
			p.assign(f, lhs, n.Values)
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if e == nil {
					continue
				}
				t := p.target(f, e)
				if m := p.serviceType(t.typ); m.svc != nil {
					p.join(t.node(m), nil, e.Pos(), m)
				}
			}
		case *ast.CallExpr:
			p.arguments(f, n)
		case *ast.ReturnStmt:
			p.returns(f, n)
		case *ast.CompositeLit:
			p.composite(f, n)
		}
		return true
	})
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			p.use(f, e)
		}
		return true
	})
}

func (p *program) assign(f *file, lhs, rhs []ast.Expr) {
	if len(lhs) == len(rhs) {
		for i := range lhs {
			p.flow(f, p.target(f, lhs[i]), rhs[i])
		}
		return
	}
	if len(rhs) != 1 {
		return
	}
	call, _ := ast.Unparen(rhs[0]).(*ast.CallExpr)
	for i, l := range lhs {
		t := p.target(f, l)
		if m := p.serviceType(t.typ); m.svc != nil {
			var source *node
			if fn := p.callee(f, call); fn != nil && fn.Signature().Results().Len() == len(lhs) {
				if v := fn.Signature().Results().At(i); p.serviceType(v.Type()).svc != nil {
					source = p.variable(v, l.Pos(), m)
				}
			}
			p.join(t.node(m), source, l.Pos(), m)
		}
	}
}

// A target is what a value is assigned to.
type target struct {
	typ  types.Type
	node func(member) *node // nil where it cannot be followed
	none bool               // assigned to _
}

func (p *program) target(f *file, e ast.Expr) target {
	e = ast.Unparen(e)
	t := target{typ: f.pkg.Info.TypeOf(e), node: func(m member) *node { return p.source(f, e, m) }}
	if id, ok := e.(*ast.Ident); ok {
		if id.Name == "_" {
			t.none = t.typ == nil
			t.node = func(m member) *node {
				n := p.node("blank ", id.Pos())
				n.services[m.svc], n.server = true, m.role == serverType
				return n
			}
		} else if obj := f.pkg.Info.ObjectOf(id); obj != nil {
			t.typ = obj.Type()
		}
	}
	return t
}

func (p *program) parameter(v *types.Var, pos token.Pos) target {
	return target{typ: v.Type(), node: func(m member) *node { return p.variable(v, pos, m) }}
}

// flow says that value is assigned to t.
func (p *program) flow(f *file, t target, value ast.Expr) {
	if t.none {
		p.consumed[ast.Unparen(value)] = true
		return
	}
	m := p.serviceType(t.typ)
	if m.svc == nil {
		return
	}
	value = ast.Unparen(value)
	tv := f.pkg.Info.Types[value]
	from := p.serviceType(tv.Type)
	switch {
	case from.svc == m.svc && from.role == m.role:
		p.consumed[value] = true
		source := p.branch(f, value, m)
		if source == nil {
			source = p.source(f, value, m)
		}
		p.join(t.node(m), source, value.Pos(), m)
	case tv.IsNil():
		if n := t.node(m); n != nil {
			n.nilAt = value.Pos()
		}
	case m.role == serverType:
		impl := p.impl(tv.Type, value.Pos(), m)
		p.join(t.node(m), impl, value.Pos(), m)
	default:
		if n := t.node(m); n != nil {
			n.block(value.Pos(), "a "+types.TypeString(tv.Type, types.RelativeTo(f.pkg.Types))+" is used as "+m.svc.typeName(m.role)+": rewrite its methods by hand")
		}
	}
}

// join unites what a value comes from and what it goes to, and blocks the one
// where the other cannot be followed.
func (p *program) join(to, from *node, pos token.Pos, m member) {
	switch {
	case to == nil && from == nil:
	case to == nil:
		from.block(pos, m.svc.typeName(m.role)+" is passed to code that is not followed")
	case from == nil:
		to.block(pos, m.svc.typeName(m.role)+" comes from code that is not followed")
	default:
		unite(to, from)
	}
}

// source returns the node that e, an XClient or XServer, comes from, nil where
// it cannot be followed.
func (p *program) source(f *file, e ast.Expr, m member) *node {
	info := f.pkg.Info
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := info.ObjectOf(e).(*types.Var); ok {
			return p.variable(v, e.Pos(), m)
		}
	case *ast.SelectorExpr:
		if v, ok := info.ObjectOf(e.Sel).(*types.Var); ok {
			return p.variable(v, e.Pos(), m)
		}
	case *ast.CallExpr:
		fn := p.callee(f, e)
		if fn == nil || fn.Signature().Results().Len() != 1 {
			return nil
		}
		if p.member(fn).role == newClient {
			n := p.node("new ", e.Pos())
			n.services[m.svc] = true
			return n
		}
		return p.variable(fn.Signature().Results().At(0), e.Pos(), m)
	}
	return nil
}

// callee returns the function or method that call calls, nil where it is not
// known.
func (p *program) callee(f *file, call *ast.CallExpr) *types.Func {
	if call == nil {
		return nil
	}
	fn := typeutil.StaticCallee(f.pkg.Info, call)
	if fn == nil {
		return nil
	}
	return fn.Origin()
}

func (p *program) arguments(f *file, call *ast.CallExpr) {
	tv := f.pkg.Info.Types[call.Fun]
	sig, ok := tv.Type.(*types.Signature)
	if !ok || tv.IsType() {
		return
	}
	fn := p.callee(f, call)
	if m := p.member(asObject(fn)); m.role == register && len(call.Args) == 2 {
		n := p.node("register ", call.Pos())
		n.services[m.svc], n.server = true, true
		n.registrations = append(n.registrations, rename{f, calledIdent(call), m})
		p.flow(f, target{typ: sig.Params().At(1).Type(), node: func(member) *node { return p.node("register ", call.Pos()) }}, call.Args[1])
		return
	}
	if fn != nil {
		sig = fn.Signature()
	}
	for i, arg := range call.Args {
		j := i
		if sig.Variadic() && i >= sig.Params().Len()-1 {
			return
		}
		if j >= sig.Params().Len() {
			return
		}
		v := sig.Params().At(j)
		t := p.parameter(v, arg.Pos())
		if fn == nil {
			if _, literal := ast.Unparen(call.Fun).(*ast.FuncLit); !literal {
				t.node = func(member) *node { return nil }
			}
		}
		p.flow(f, t, arg)
	}
}

// asObject is fn as an object, nil where fn is.
func asObject(fn *types.Func) types.Object {
	if fn == nil {
		return nil
	}
	return fn
}

// calledIdent returns the name of what is called.
func calledIdent(call *ast.CallExpr) *ast.Ident {
	return named(call.Fun)
}

// named returns the name of the variable or function that e is, nil if it is another
// expression.
func named(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	}
	return nil
}

func (p *program) returns(f *file, ret *ast.ReturnStmt) {
	var sig *types.Signature
	switch fn := f.function(ret).(type) {
	case *ast.FuncDecl:
		if obj, ok := f.pkg.Info.Defs[fn.Name].(*types.Func); ok {
			sig = obj.Signature()
		}
	case *ast.FuncLit:
		sig, _ = f.pkg.Info.TypeOf(fn).(*types.Signature)
	}
	if sig == nil || sig.Results().Len() != len(ret.Results) {
		return
	}
	for i, value := range ret.Results {
		p.flow(f, p.parameter(sig.Results().At(i), value.Pos()), value)
	}
}

func (p *program) composite(f *file, lit *ast.CompositeLit) {
	t := f.pkg.Info.TypeOf(lit)
	if t == nil {
		return
	}
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		t = ptr.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, elem := range lit.Elts {
		var field *types.Var
		value := elem
		if kv, ok := elem.(*ast.KeyValueExpr); ok {
			value = kv.Value
			if id, ok := kv.Key.(*ast.Ident); ok {
				field, _ = f.pkg.Info.Uses[id].(*types.Var)
			}
		} else if i < s.NumFields() {
			field = s.Field(i)
		}
		if field != nil {
			p.flow(f, p.parameter(field.Origin(), value.Pos()), value)
		}
	}
}
