package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// movable returns why the statements cannot run on another goroutine, or "".
func (s *sending) movable() string {
	info := s.f.pkg.Info
	if len(s.stmts) == 0 {
		return ""
	}
	all := span{s.stmts[0].Pos(), s.stmts[len(s.stmts)-1].End()}
	inside := func(obj types.Object) bool { return all.pos <= obj.Pos() && obj.Pos() < all.end }
	reason := ""
	visit := func(n ast.Node) bool {
		if n != nil && slices.Contains(s.tests, n) {
			return false // what is done with an error of Send is taken away
		}
		switch n := n.(type) {
		case *ast.ReturnStmt, *ast.DeferStmt, *ast.GoStmt, *ast.SelectStmt, *ast.LabeledStmt, *ast.FuncLit, *ast.SendStmt:
			reason = "the code between opening the call and CloseAndRecv does more than send"
		case *ast.BranchStmt:
			if t := targetOf(s.f, n); t == nil || t.Pos() < all.pos {
				reason = "the code that sends may leave a loop around it"
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if obj := rootOf(info, l); obj != nil && !inside(obj) {
					reason = obj.Name() + " is changed while sending, which would run on another goroutine"
				}
			}
		case *ast.IncDecStmt:
			if obj := rootOf(info, n.X); obj != nil && !inside(obj) {
				reason = obj.Name() + " is changed while sending, which would run on another goroutine"
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				reason = "the code that sends waits for a channel"
			}
		case *ast.CallExpr:
			if !s.harmless(n) {
				reason = s.p.text(s.f, n.Fun) + " is called while sending, which would run on another goroutine"
			}
		case *ast.Ident:
			if obj := info.Defs[n]; obj != nil {
				for _, id := range usesOf(s.f, obj) {
					if id.Pos() >= all.end {
						reason = obj.Name() + " is used after sending"
					}
				}
			}
		}
		return reason == ""
	}
	for _, stmt := range s.stmts {
		ast.Inspect(stmt, visit)
	}
	for _, send := range s.sends {
		ast.Inspect(send.Args[0], visit)
	}
	return reason
}

// rootOf returns the variable that e is a part of.
func rootOf(info *types.Info, e ast.Expr) types.Object {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return info.ObjectOf(x)
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// harmless reports whether call may be made on another goroutine.
func (s *sending) harmless(call *ast.CallExpr) bool {
	info := s.f.pkg.Info
	if slices.Contains(s.sends, call) || info.Types[call.Fun].IsType() || info.Types[call.Fun].IsBuiltin() {
		return true
	}
	fn := s.p.callee(s.f, call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	if fn.Signature().Recv() != nil {
		return strings.HasPrefix(fn.Name(), "Get") && len(call.Args) == 0 && types.NewMethodSet(fn.Signature().Recv().Type()).Lookup(nil, "ProtoReflect") != nil
	}
	switch fn.Pkg().Path() {
	case "fmt", "strconv", "strings":
		return !strings.Contains(fn.Name(), "can")
	case "log":
		return true
	case "time":
		return fn.Name() == "Sleep" || fn.Name() == "Now"
	}
	return false
}
