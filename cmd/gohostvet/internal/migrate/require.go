package migrate

import (
	"go/ast"
	"go/types"
	"slices"
)

// isRequire reports whether s is require.NoError of err, or of anything where err
// is nil: it ends the test if there is an error.
func isRequire(info *types.Info, s ast.Stmt, err types.Object) bool {
	tested := noError(info, s, "require")
	return tested != nil && (err == nil || uses(info, tested) == err)
}

// isAssertion reports whether s is require.NoError or assert.NoError of e.
func isAssertion(info *types.Info, s ast.Stmt, e ast.Expr) bool {
	return noError(info, s, "require") == e || noError(info, s, "assert") == e
}

// noError returns what s tests if it is NoError of a package of testify, else nil.
func noError(info *types.Info, s ast.Stmt, pkg string) ast.Expr {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return nil
	}
	call, ok := e.X.(*ast.CallExpr)
	if !ok {
		return nil
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	fn, ok := info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "github.com/stretchr/testify/"+pkg || !slices.Contains([]string{"NoError", "NoErrorf"}, fn.Name()) {
		return nil
	}
	at := 1
	if fn.Signature().Recv() != nil {
		at = 0
	}
	if len(call.Args) <= at {
		return nil
	}
	return ast.Unparen(call.Args[at])
}

// isHelper reports whether s is t.Helper() of a test.
func isHelper(info *types.Info, s *ast.ExprStmt) bool {
	call, ok := s.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := info.Uses[sel.Sel].(*types.Func)
	return ok && fn.Name() == "Helper" && fn.Pkg() != nil && fn.Pkg().Path() == "testing"
}

// failureIn returns what stmt does with err: it leaves the block, or ends the
// program or test. nil is where it is no test of err, or goes on.
func failureIn(f *file, stmt ast.Stmt, err types.Object) []ast.Stmt {
	if err == nil {
		return nil
	}
	if isRequire(f.pkg.Info, stmt, err) {
		return []ast.Stmt{stmt}
	}
	check, ok := stmt.(*ast.IfStmt)
	if !ok || check.Init != nil || check.Else != nil || !isFailure(f.pkg.Info, check.Cond, err) || !leavesBlock(f, check.Body.List) {
		return nil
	}
	return check.Body.List
}
