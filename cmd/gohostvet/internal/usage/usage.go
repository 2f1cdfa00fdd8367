// Package usage finds the uses of variables and of the results of calls.
package usage

import (
	"go/ast"
	"go/types"
	"iter"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Of returns the uses of a variable. Setting it is not a use, and neither is "_
// = variable", which only makes a package compile.
func Of(info *types.Info, in *inspector.Inspector, variable types.Object) iter.Seq[inspector.Cursor] {
	return func(yield func(inspector.Cursor) bool) {
		for c := range in.Root().Preorder((*ast.Ident)(nil)) {
			if info.Uses[c.Node().(*ast.Ident)] == variable && !isSet(c) && !isDropped(c) && !yield(c) {
				return
			}
		}
	}
}

func isSet(c inspector.Cursor) bool {
	switch c.ParentEdgeKind() {
	case edge.AssignStmt_Lhs, edge.RangeStmt_Key, edge.RangeStmt_Value:
		return true
	}
	return false
}

func isDropped(c inspector.Cursor) bool {
	kind, i := c.ParentEdge()
	if kind != edge.AssignStmt_Rhs {
		return false
	}
	assign := c.Parent().Node().(*ast.AssignStmt)
	return len(assign.Lhs) == len(assign.Rhs) && IsBlank(assign.Lhs[i])
}

// IsBlank reports whether e is the blank identifier.
func IsBlank(e ast.Expr) bool {
	ident, ok := e.(*ast.Ident)
	return ok && ident.Name == "_"
}

// Outer returns c without the parentheses around it.
func Outer(c inspector.Cursor) inspector.Cursor {
	for c.ParentEdgeKind() == edge.ParenExpr_X {
		c = c.Parent()
	}
	return c
}

// Targets returns the expressions to which the results of a call are assigned,
// or nil.
func Targets(call inspector.Cursor) []ast.Expr {
	call = Outer(call)
	kind, i := call.ParentEdge()
	var targets []ast.Expr
	var values int
	switch kind {
	case edge.AssignStmt_Rhs:
		assign := call.Parent().Node().(*ast.AssignStmt)
		targets, values = assign.Lhs, len(assign.Rhs)
	case edge.ValueSpec_Values:
		spec := call.Parent().Node().(*ast.ValueSpec)
		for _, name := range spec.Names {
			targets = append(targets, name)
		}
		values = len(spec.Values)
	default:
		return nil
	}
	if values > 1 {
		return targets[i : i+1]
	}
	return targets
}

// Local returns the local variable e, or nil if e is something else. Named
// results do not count as local.
func Local(info *types.Info, e ast.Expr) *types.Var {
	ident, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := info.ObjectOf(ident).(*types.Var)
	if !ok || v.Kind() != types.LocalVar {
		return nil
	}
	return v
}

// Function returns the innermost function around c, a declaration or a literal.
func Function(c inspector.Cursor) (inspector.Cursor, bool) {
	for f := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		if f != c {
			return f, true
		}
	}
	return c, false
}

// Value is an assignment to a variable.
type Value struct {
	At      inspector.Cursor // the expression of the value
	Targets []ast.Expr       // all variables that the value sets
}

// Before returns the last value of the variable before c, in source order,
// within the declaration around c.
func Before(info *types.Info, c inspector.Cursor, variable types.Object) (last Value, ok bool) {
	for decl := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.GenDecl)(nil)) {
		for n := range decl.Preorder((*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil)) {
			if n.Node().End() > c.Node().Pos() {
				continue
			}
			for value := range n.Children() {
				targets := Targets(value)
				if slices.ContainsFunc(targets, func(e ast.Expr) bool { return info.ObjectOf(nameOf(e)) == variable }) {
					last, ok = Value{value, targets}, true
				}
			}
		}
	}
	return last, ok
}

func nameOf(e ast.Expr) *ast.Ident {
	ident, _ := ast.Unparen(e).(*ast.Ident)
	return ident
}
