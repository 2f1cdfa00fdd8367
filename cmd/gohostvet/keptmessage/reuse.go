package keptmessage

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/gohostrpc/gohost/cmd/gohostvet/internal/sequence"
)

// reuse knows which expressions of a package are stubs that reuse messages, and
// which are sequences of reused messages.
type reuse struct {
	info     *types.Info
	possible bool                        // the package uses reuse at all
	origins  map[types.Object][]ast.Expr // the values of variables and fields
	requests map[types.Object]bool       // parameters with the reused requests of a handler
	visiting map[types.Object]bool       // so that cycles end
}

func newReuse(pass *analysis.Pass) *reuse {
	r := &reuse{
		info:     pass.TypesInfo,
		origins:  make(map[types.Object][]ast.Expr),
		requests: make(map[types.Object]bool),
		visiting: make(map[types.Object]bool),
	}
	for ident, object := range pass.TypesInfo.Uses {
		if object.Pkg() != nil && object.Pkg().Path() == sequence.StreamPackage && strings.HasPrefix(ident.Name, "Reuse") {
			r.possible = true
		}
	}
	if !r.possible {
		return r
	}
	for _, file := range pass.Files {
		ast.Inspect(file, r.addOrigins)
	}
	implementations := make(map[types.Type]bool)
	for _, file := range pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 2 && r.registrar(call.Args[0]) {
				implementations[named(r.info.TypeOf(call.Args[1]))] = true
			}
			return true
		})
	}
	for _, file := range pass.Files {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Recv == nil || !implementations[named(r.info.TypeOf(f.Recv.List[0].Type))] {
				continue
			}
			for param := range r.info.TypeOf(f.Name).(*types.Signature).Params().Variables() {
				r.requests[param] = sequence.Is(param.Type())
			}
		}
	}
	return r
}

// named returns the type T of a T or *T.
func named(t types.Type) types.Type {
	if p, ok := t.(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

// addOrigins records the values that n, an assignment, a declaration or a
// composite literal, gives to variables and fields.
func (r *reuse) addOrigins(n ast.Node) bool {
	add := func(target *ast.Ident, value ast.Expr) {
		if object := r.info.ObjectOf(target); object != nil {
			r.origins[object] = append(r.origins[object], value)
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, target := range n.Lhs {
			if ident := variable(target); ident != nil && len(n.Lhs) == len(n.Rhs) {
				add(ident, n.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		for i, value := range n.Values {
			if len(n.Names) == len(n.Values) {
				add(n.Names[i], value)
			}
		}
	case *ast.CompositeLit:
		fields, ok := r.info.TypeOf(n).Underlying().(*types.Struct)
		if !ok {
			break
		}
		for i, elt := range n.Elts {
			if pair, ok := elt.(*ast.KeyValueExpr); ok {
				add(pair.Key.(*ast.Ident), pair.Value)
			} else {
				r.origins[fields.Field(i)] = append(r.origins[fields.Field(i)], elt)
			}
		}
	}
	return true
}

// variable returns the identifier of the variable or field e, or nil if it is neither.
func variable(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	case *ast.StarExpr:
		return variable(e.X)
	case *ast.UnaryExpr:
		return variable(e.X)
	}
	return nil
}

// follow reports whether is holds for a value of e, a variable or field.
func (r *reuse) follow(e ast.Expr, is func(ast.Expr) bool) bool {
	ident := variable(e)
	if ident == nil {
		return false
	}
	object := r.info.ObjectOf(ident)
	if r.visiting[object] {
		return false
	}
	r.visiting[object] = true
	defer delete(r.visiting, object)
	for _, origin := range r.origins[object] {
		if is(origin) {
			return true
		}
	}
	return false
}

// option reports whether e is the option ReuseMessages, or a slice with it.
func (r *reuse) option(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return slices.ContainsFunc(e.Elts, r.option)
	case *ast.CallExpr:
		return sequence.IsCall(r.info, e, sequence.StreamPackage, "ReuseMessages") || slices.ContainsFunc(e.Args, r.option)
	}
	return r.follow(e, r.option)
}

// registrar reports whether e is a registrar whose services reuse requests.
func (r *reuse) registrar(e ast.Expr) bool {
	return sequence.IsCall(r.info, e, sequence.StreamPackage, "ReuseRequests") || r.follow(e, r.registrar)
}

// stub reports whether e is a stub whose calls reuse messages.
func (r *reuse) stub(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return r.follow(e, r.stub)
	}
	if slices.ContainsFunc(call.Args, r.option) {
		return true
	}
	with, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && strings.HasPrefix(with.Sel.Name, "With") && r.stub(with.X)
}

// sequence reports whether e is a sequence of messages that are reused.
func (r *reuse) sequence(e ast.Expr) bool {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		if sequence.IsCall(r.info, call, sequence.StreamPackage, sequence.Scopes...) {
			return slices.ContainsFunc(call.Args, r.makes)
		}
		return sequence.Is(r.info.TypeOf(call)) && r.method(call.Fun)
	}
	return r.handlerRequests(e) != nil || r.follow(e, r.sequence)
}

// method reports whether e is a method of a stub whose calls reuse messages.
func (r *reuse) method(e ast.Expr) bool {
	method, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && r.stub(method.X)
}

// makes reports whether e is a function literal that returns such a sequence.
func (r *reuse) makes(e ast.Expr) bool {
	f, ok := ast.Unparen(e).(*ast.FuncLit)
	if !ok {
		return false
	}
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = found || slices.ContainsFunc(n.Results, r.sequence)
		}
		return !found
	})
	return found
}

// handlerRequests returns the parameter e of a handler, or nil if e is not one
// or if its requests are not reused.
func (r *reuse) handlerRequests(e ast.Expr) types.Object {
	ident, ok := ast.Unparen(e).(*ast.Ident)
	if !ok || !r.requests[r.info.ObjectOf(ident)] {
		return nil
	}
	return r.info.ObjectOf(ident)
}
