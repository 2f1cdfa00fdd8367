package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

const useRecv = "RecvMsg of the stream is used, but not like Recv: use Recv"

// meant returns the name of the method of the stream v that sel is: SendMsg with a message
// of the right type is Send, or SendAndClose.
func (p *program) meant(f *file, sel *ast.SelectorExpr, v types.Object) string {
	call, ok := f.parent(sel).(*ast.CallExpr)
	if sel.Sel.Name != "SendMsg" || !ok || ast.Unparen(call.Fun) != sel || len(call.Args) != 1 {
		return sel.Sel.Name
	}
	for _, name := range []string{"Send", "SendAndClose"} {
		if sig := methodNamed(v.Type(), name); sig != nil && sameType(sig.Params().At(0).Type(), f.pkg.Info.TypeOf(call.Args[0])) {
			return name
		}
	}
	return "SendMsg"
}

// sameType reports whether a and b are the same type, of any variants of a package.
func sameType(a, b types.Type) bool {
	return b != nil && types.TypeString(a, nil) == types.TypeString(b, nil)
}

// A rawReceipt is a RecvMsg that is a Recv.
type rawReceipt struct {
	call  *ast.CallExpr
	stmt  ast.Stmt // that contains the call
	other bool     // it is received as another type, and not used
	// The message is defined by the statement before stmt; nil if it is not used.
	msg    types.Object
	define ast.Stmt
}

// rawReceiptOf returns the RecvMsg of the stream v that call is, nil if it cannot be a Recv.
func (p *program) rawReceiptOf(f *file, call *ast.CallExpr, v types.Object) *rawReceipt {
	recv := methodNamed(v.Type(), "Recv")
	if call == nil || recv == nil || len(call.Args) != 1 {
		return nil
	}
	r := &rawReceipt{call: call, other: !sameType(recv.Results().At(0).Type(), f.pkg.Info.TypeOf(call.Args[0]))}
	switch up := f.parents[call].(type) {
	case *ast.ExprStmt:
		r.stmt = up
	case *ast.AssignStmt:
		if len(up.Lhs) != 1 || len(up.Rhs) != 1 {
			return nil
		}
		r.stmt = up
	default:
		return nil
	}
	if p.newMessage(f, call.Args[0]) {
		return r
	}
	r.msg = uses(f.pkg.Info, call.Args[0])
	assign, ok := r.stmt.(*ast.AssignStmt)
	if !ok || r.other || r.msg == nil || !r.defined(p, f, assign) {
		return nil
	}
	return r
}

// newMessage reports whether e makes an empty message.
func (p *program) newMessage(f *file, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		id, ok := ast.Unparen(e.Fun).(*ast.Ident)
		return ok && id.Name == "new" && f.pkg.Info.Types[e.Fun].IsBuiltin()
	case *ast.UnaryExpr:
		lit, ok := ast.Unparen(e.X).(*ast.CompositeLit)
		return ok && e.Op == token.AND && len(lit.Elts) == 0
	}
	return false
}

// defined finds where the message is defined, and reports whether it is not used where
// there is an error.
func (r *rawReceipt) defined(p *program, f *file, assign *ast.AssignStmt) bool {
	err, ok := assign.Lhs[0].(*ast.Ident)
	if !ok || err.Name == "_" {
		return false
	}
	errVar := f.pkg.Info.ObjectOf(err)
	var in ast.Stmt = assign
	check, inIf := f.parents[assign].(*ast.IfStmt)
	if inIf {
		in = check
	}
	stmts := list(f.parents[in])
	i := slices.Index(stmts, in)
	if i < 1 {
		return false
	}
	define, ok := stmts[i-1].(*ast.AssignStmt)
	if !ok || defined(f, define) != r.msg || !p.newMessage(f, define.Rhs[0]) {
		return false
	}
	r.define = define
	if assign.Tok == token.ASSIGN {
		if inIf {
			return false
		}
		return r.checked(f, stmts[i+1:], errVar)
	}
	if !inIf {
		return r.checked(f, stmts[i+1:], errVar)
	}
	// The error becomes a variable of the block.
	from, to := check.Pos(), stmts[len(stmts)-1].End()
	for _, s := range stmts {
		if a, ok := s.(*ast.AssignStmt); ok && s.Pos() > from && a.Tok == token.DEFINE && len(a.Lhs) == 1 && p.text(f, a.Lhs[0]) == err.Name {
			return false
		}
	}
	clash := false
	ast.Inspect(f.parents[check], func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == err.Name {
			if obj := f.pkg.Info.Uses[id]; obj != nil && id.Pos() > from && (obj.Pos() < from || obj.Pos() > to) {
				clash = true // it is that of a block around this one
			}
			if f.pkg.Info.Defs[id] != nil && id.Pos() < from && sameList(stmts, f.statement(id)) {
				clash = true // it is a variable of the block already
			}
		}
		return !clash
	})
	if clash {
		return false
	}
	return r.checked(f, []ast.Stmt{check}, errVar)
}

// statement returns the innermost statement that n is in.
func (f *file) statement(n ast.Node) ast.Stmt {
	for up := f.parents[n]; up != nil; up = f.parents[up] {
		if s, ok := up.(ast.Stmt); ok {
			return s
		}
	}
	return nil
}

// checked reports whether stmts begin with checks of err that leave the block, and do not
// use the message.
func (r *rawReceipt) checked(f *file, stmts []ast.Stmt, err types.Object) bool {
	for i, s := range stmts {
		check, ok := s.(*ast.IfStmt)
		for ok {
			if check.Init != nil && i > 0 || !leavesBlock(f, check.Body.List) || r.usedIn(f, check.Cond) || r.usedIn(f, check.Body) {
				return false
			}
			if isFailure(f.pkg.Info, check.Cond, err) {
				return true
			}
			if !isEOF(f.pkg.Info, check.Cond, err) {
				return false
			}
			if check.Else == nil {
				break
			}
			check, ok = check.Else.(*ast.IfStmt)
		}
		if !ok {
			return false
		}
	}
	return false
}

func (r *rawReceipt) usedIn(f *file, n ast.Node) bool {
	return slices.ContainsFunc(usesOf(f, r.msg), func(id *ast.Ident) bool { return isIn(id, n) })
}

// change plans that the message is what recv returns. typ is that of the message.
func (r *rawReceipt) change(plan *plan, f *file, recv, typ string) {
	plan.replace(f, r.call.Pos(), r.call.End(), recv+"()")
	assign, ok := r.stmt.(*ast.AssignStmt)
	if !ok {
		return
	}
	err, tok := plan.p.text(f, assign.Lhs[0]), assign.Tok.String()
	if r.msg == nil {
		plan.replace(f, assign.Pos(), assign.Lhs[0].End(), "_, "+err)
		return
	}
	if assign.Tok == token.ASSIGN {
		plan.replace(f, r.define.Pos(), r.define.End(), "var "+r.msg.Name()+" "+typ)
	} else {
		plan.remove(f, r.define.Pos(), r.define.End())
	}
	names := r.msg.Name() + ", " + err + " " + tok + " "
	if check, ok := f.parents[assign].(*ast.IfStmt); ok {
		plan.replace(f, check.Pos(), r.call.Pos(), names)
		plan.replace(f, r.call.End(), check.Cond.Pos(), "\nif ")
		return
	}
	plan.replace(f, assign.Pos(), r.call.Pos(), names)
}
