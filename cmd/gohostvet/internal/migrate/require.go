package migrate

import (
	"go/ast"
	"go/types"
	"slices"
)

// isRequire tells whether s is require.NoError of err, or of anything where err
// is nil: it ends the test if there is an error.
func isRequire(info *types.Info, s ast.Stmt, err types.Object) bool {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := e.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "github.com/stretchr/testify/require" || !slices.Contains([]string{"NoError", "NoErrorf"}, fn.Name()) {
		return false
	}
	at := 1
	if fn.Signature().Recv() != nil {
		at = 0
	}
	return len(call.Args) > at && (err == nil || uses(info, call.Args[at]) == err)
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
