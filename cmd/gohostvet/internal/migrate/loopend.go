package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// atEOF looks at what is done at the end of the stream: it goes behind the loop.
func (l *recvLoop) atEOF(body *ast.BlockStmt) string {
	stmts := body.List
	if !l.leaves(stmts) {
		return "the end of the stream does not end the loop"
	}
	last := stmts[len(stmts)-1]
	from, to := body.Lbrace+1, body.Rbrace
	if b, ok := last.(*ast.BranchStmt); ok && b.Tok == token.BREAK && targetOf(l.f, b) == l.loop {
		stmts, to = stmts[:len(stmts)-1], b.Pos()
		if len(stmts) == 0 {
			return ""
		}
	}
	for _, b := range l.breaks() {
		if b.Pos() < body.Pos() || b.Pos() > body.End() {
			return "the code for the end of the stream would also run after another break"
		}
	}
	reason := ""
	for _, s := range stmts {
		ast.Inspect(s, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				obj := l.f.pkg.Info.Uses[id]
				if obj != nil && (obj == l.err || within(obj, l.loop.Body) && !within(obj, body)) {
					reason = "the code for the end of the stream uses " + id.Name + " of the loop"
				}
			}
			if b, ok := n.(*ast.BranchStmt); ok && targetOf(l.f, b) == l.loop {
				reason = "the end of the stream does not always end the loop"
			}
			return true
		})
		// In a block of its own, what it declares cannot be in the way of others.
		scope := l.f.pkg.Types.Scope().Innermost(l.stmt.Pos())
		l.wrap = l.wrap || declares(l.f, s, func(id *ast.Ident) bool {
			obj := l.f.pkg.Info.Defs[id]
			_, other := scope.LookupParent(id.Name, token.NoPos)
			return obj.Parent() != nil && other != nil && other.Parent() != types.Universe && other.Parent() != l.f.pkg.Types.Scope()
		})
	}
	l.eof = span{from, to}
	return reason
}

func within(obj types.Object, n ast.Node) bool { return n.Pos() <= obj.Pos() && obj.Pos() < n.End() }

// leaves reports whether stmts always leave the loop, or the program.
func (l *recvLoop) leaves(stmts []ast.Stmt) bool {
	if len(stmts) == 0 {
		return false
	}
	switch s := stmts[len(stmts)-1].(type) {
	case *ast.BranchStmt:
		t := targetOf(l.f, s)
		return s.Tok == token.BREAK && encloses(t, l.loop) || s.Tok == token.CONTINUE && t != l.loop && encloses(t, l.loop)
	default:
		return ends(l.f.pkg.Info, s)
	}
}

func encloses(outer, n ast.Node) bool {
	return outer != nil && outer.Pos() <= n.Pos() && n.End() <= outer.End()
}

// ends reports whether s returns, panics or ends the program.
func ends(info *types.Info, s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BlockStmt:
		return len(s.List) > 0 && ends(info, s.List[len(s.List)-1])
	case *ast.IfStmt:
		return s.Else != nil && ends(info, s.Body) && ends(info, s.Else)
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		switch fun := ast.Unparen(call.Fun).(type) {
		case *ast.Ident:
			return info.Uses[fun] == types.Universe.Lookup("panic")
		case *ast.SelectorExpr:
			fn, ok := info.Uses[fun.Sel].(*types.Func)
			if !ok || fn.Pkg() == nil {
				return false
			}
			switch fn.Pkg().Path() {
			case "os":
				return fn.Name() == "Exit"
			case "log":
				return slices.Contains([]string{"Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln"}, fn.Name())
			case "testing":
				return slices.Contains([]string{"Fatal", "Fatalf", "FailNow", "Skip", "Skipf", "SkipNow"}, fn.Name())
			case "google.golang.org/grpc/grpclog":
				return slices.Contains([]string{"Fatal", "Fatalf", "Fatalln"}, fn.Name())
			}
		}
	}
	return false
}

// breaks returns the break statements that leave the loop.
func (l *recvLoop) breaks() []*ast.BranchStmt {
	var breaks []*ast.BranchStmt
	ast.Inspect(l.loop.Body, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && (b.Tok == token.GOTO || b.Tok == token.BREAK && targetOf(l.f, b) == l.loop) {
			breaks = append(breaks, b)
		}
		return true
	})
	return breaks
}

// labelUsed reports whether a label is used by what is left of the loop.
func (l *recvLoop) labelUsed(label *ast.LabeledStmt) bool {
	used := false
	ast.Inspect(label.Stmt, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Label != nil && b.Label.Name == label.Label.Name && !l.removed(b) {
			used = true
		}
		return true
	})
	return used
}

func (l *recvLoop) removed(n ast.Node) bool {
	for _, e := range l.plan {
		if e.before == "" && e.pos <= n.Pos() && n.End() <= e.end {
			return true
		}
	}
	return false
}

// targetOf returns the statement that b breaks out of or goes on with; nil for goto.
func targetOf(f *file, b *ast.BranchStmt) ast.Node {
	for up := f.parents[b]; up != nil; up = f.parents[up] {
		loop := false
		switch up.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			loop = true
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			if b.Tok == token.CONTINUE && b.Label == nil {
				continue
			}
		case *ast.FuncDecl, *ast.FuncLit:
			return nil
		default:
			continue
		}
		if b.Label == nil {
			if loop || b.Tok == token.BREAK {
				return up
			}
			continue
		}
		if label, ok := f.parents[up].(*ast.LabeledStmt); ok && label.Label.Name == b.Label.Name {
			return up
		}
	}
	return nil
}

func uses(info *types.Info, e ast.Expr) types.Object {
	if e == nil {
		return nil
	}
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	return info.Uses[id]
}

func isIOEOF(info *types.Info, e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	v, ok := info.Uses[sel.Sel].(*types.Var)
	return ok && v.Pkg() != nil && v.Pkg().Path() == "io" && v.Name() == "EOF"
}

// isEOF reports whether cond is that err is io.EOF.
func isEOF(info *types.Info, cond ast.Expr, err types.Object) bool {
	switch c := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		return c.Op == token.EQL && (uses(info, c.X) == err && isIOEOF(info, c.Y) || uses(info, c.Y) == err && isIOEOF(info, c.X))
	case *ast.CallExpr:
		sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
		if !ok || len(c.Args) != 2 || uses(info, c.Args[0]) != err || !isIOEOF(info, c.Args[1]) {
			return false
		}
		fn, ok := info.Uses[sel.Sel].(*types.Func)
		return ok && fn.Name() == "Is" && fn.Pkg() != nil && (fn.Pkg().Path() == "errors" || fn.Pkg().Path() == "github.com/pkg/errors")
	}
	return false
}

func isComparison(info *types.Info, cond ast.Expr, op token.Token, err types.Object) bool {
	c, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	return ok && c.Op == op && (uses(info, c.X) == err && info.Types[c.Y].IsNil() || uses(info, c.Y) == err && info.Types[c.X].IsNil())
}

// isFailure reports whether cond is that err is not nil.
func isFailure(info *types.Info, cond ast.Expr, err types.Object) bool {
	return isComparison(info, cond, token.NEQ, err)
}

func isNoError(info *types.Info, cond ast.Expr, err types.Object) bool {
	return isComparison(info, cond, token.EQL, err)
}

// isFailureNotEOF reports whether cond is that err is neither nil nor io.EOF.
func isFailureNotEOF(info *types.Info, cond ast.Expr, err types.Object) bool {
	c, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || c.Op != token.LAND {
		return false
	}
	other := func(e ast.Expr) bool {
		switch e := ast.Unparen(e).(type) {
		case *ast.BinaryExpr:
			return e.Op == token.NEQ && (uses(info, e.X) == err && isIOEOF(info, e.Y) || uses(info, e.Y) == err && isIOEOF(info, e.X))
		case *ast.UnaryExpr:
			return e.Op == token.NOT && isEOF(info, e.X, err)
		}
		return false
	}
	return isFailure(info, c.X, err) && other(c.Y) || isFailure(info, c.Y, err) && other(c.X)
}
