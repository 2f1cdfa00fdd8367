package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
)

// An opening is "s, err := client.M(ctx, …)" and the test of err after it, or
// "s, _ := client.M(ctx, …)".
type opening struct {
	assign *ast.AssignStmt
	check  ast.Stmt   // nil for the latter
	fail   []ast.Stmt // what is done with an error
	stream *types.Var
	err    types.Object
	block  []ast.Stmt // where both are
	index  int        // of the statement after them
}

// openingOf returns how a stream is opened, or why that is not understood.
func (p *program) openingOf(f *file, call *ast.CallExpr) (*opening, string) {
	a, ok := f.parent(call).(*ast.AssignStmt)
	if !ok || len(a.Lhs) != 2 || len(a.Rhs) != 1 || a.Tok != token.DEFINE {
		return nil, "the call does not define a variable for the stream alone"
	}
	id, _ := a.Lhs[0].(*ast.Ident)
	errIdent, _ := a.Lhs[1].(*ast.Ident)
	if id == nil || errIdent == nil {
		return nil, "the call does not define a variable for the stream alone"
	}
	o := &opening{assign: a, err: f.pkg.Info.ObjectOf(errIdent)}
	o.stream, _ = f.pkg.Info.Defs[id].(*types.Var)
	if o.stream == nil {
		return nil, "the stream is not used, or is not a new variable"
	}
	o.block = list(f.parents[a])
	for i, s := range o.block {
		if s != a {
			continue
		}
		o.index = i + 1
		if errIdent.Name == "_" {
			return o, ""
		}
		if i+1 < len(o.block) {
			o.check = o.block[i+1]
			o.fail = failureIn(f, o.check, o.err)
		}
		o.index = i + 2
	}
	if o.fail == nil {
		return nil, "the next statement does not leave the function if the call could not be opened"
	}
	return o, ""
}

// list returns the statements of a block or clause.
func list(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// leavesBlock reports whether stmts always leave the block that they are in.
func leavesBlock(f *file, stmts []ast.Stmt) bool {
	if len(stmts) == 0 {
		return false
	}
	if _, ok := stmts[len(stmts)-1].(*ast.BranchStmt); ok {
		return true
	}
	return ends(f.pkg.Info, stmts[len(stmts)-1])
}

// pos is where what is said about the handling of an error of opening belongs.
func (o *opening) pos() token.Pos {
	if o.check == nil {
		return o.assign.Pos()
	}
	return o.check.Pos()
}

func (o *opening) removeCheck(plan *plan, f *file) {
	if o.check != nil {
		plan.remove(f, o.check.Pos(), o.check.End())
	}
}

// drop plans the removal of the opening and its test. The variable of the error
// stays where it is used again.
func (o *opening) drop(plan *plan, f *file) {
	o.removeCheck(plan, f)
	if o.keepsError(f) {
		plan.replace(f, o.assign.Pos(), o.assign.End(), "var "+o.err.Name()+" error")
		return
	}
	plan.remove(f, o.assign.Pos(), o.assign.End())
}

// keepsError reports whether the variable of the error must be declared where the
// opening was.
func (o *opening) keepsError(f *file) bool {
	return f.keepsError(o.assign.Lhs[1].(*ast.Ident), o.block, o.check)
}

// keepsError reports whether the variable that id declares in block is used outside of
// check, and not first defined again by a statement of the block.
func (f *file) keepsError(id *ast.Ident, block []ast.Stmt, check ast.Stmt) bool {
	err := f.pkg.Info.Defs[id]
	if err == nil {
		return false // declared before
	}
	for _, use := range usesOf(f, err) {
		if isIn(use, check) {
			continue
		}
		a, ok := f.parents[use].(*ast.AssignStmt)
		return !ok || a.Tok != token.DEFINE || !assigned(f, use) || !sameList(block, a)
	}
	return false
}

func isIn(n, of ast.Node) bool { return of.Pos() <= n.Pos() && n.End() <= of.End() }

func sameList(stmts []ast.Stmt, s ast.Stmt) bool {
	for _, x := range stmts {
		if x == s {
			return true
		}
	}
	return false
}

// between returns why the call must not be opened as late as where s is, or "". The
// expression that opens it moves there.
func (o *opening) between(p *program, f *file, s ast.Stmt) string {
	named := make(map[string]bool) // what the call refers to
	ast.Inspect(o.assign.Rhs[0], func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			named[id.Name] = true
		}
		return true
	})
	for _, x := range o.block[o.index:] {
		if x == s {
			break
		}
		if declares(f, x, func(id *ast.Ident) bool { return named[id.Name] }) {
			return "a name that the call uses is declared again before receiving"
		}
	}
	return p.pause(f, o.block[o.index:], s)
}

// pause returns why a call must not be opened as late as where s of stmts is, instead of
// before them, or "". The expression that opens it stays where it is.
func (p *program) pause(f *file, stmts []ast.Stmt, s ast.Stmt) string {
	for _, x := range stmts {
		if x == s {
			return ""
		}
		switch x := x.(type) {
		case *ast.DeclStmt:
			if d, ok := x.Decl.(*ast.GenDecl); ok && d.Tok == token.VAR && p.quiet(f, x) {
				continue
			}
		case *ast.AssignStmt:
			if x.Tok == token.DEFINE && p.quiet(f, x) {
				continue
			}
		case *ast.ExprStmt:
			if isHelper(f.pkg.Info, x) {
				continue
			}
		}
		return "code runs between opening the call and receiving, and the call would open after it"
	}
	return "the stream is opened and received from in different blocks"
}

// declares reports whether n declares a name of which is says so.
func declares(f *file, n ast.Node, is func(*ast.Ident) bool) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && f.pkg.Info.Defs[id] != nil && is(id) {
			found = true
		}
		return !found
	})
	return found
}

// quiet reports whether nothing is called or received in n.
func (p *program) quiet(f *file, n ast.Node) bool {
	quiet := true
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			fun, _ := ast.Unparen(n.Fun).(*ast.Ident)
			builtin := fun != nil && f.pkg.Info.Types[n.Fun].IsBuiltin() && (fun.Name == "make" || fun.Name == "new" || fun.Name == "len")
			if !builtin && !f.pkg.Info.Types[n.Fun].IsType() {
				quiet = false
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				quiet = false
			}
		}
		return quiet
	})
	return quiet
}

// methodCall returns the call of a method of a stream that id is in, and the
// name of the method.
func methodCall(f *file, id *ast.Ident) (*ast.CallExpr, string) {
	sel, ok := f.parent(id).(*ast.SelectorExpr)
	if !ok || sel.X != id {
		return nil, ""
	}
	call, ok := f.parent(sel).(*ast.CallExpr)
	if !ok || ast.Unparen(call.Fun) != sel {
		return nil, ""
	}
	return call, sel.Sel.Name
}

const mergeHint = " (-merge lets it be handled like one of Recv)"

// convertServerStreaming makes a range of a loop around Recv, and stream.ToRecv of other
// calls of Recv.
func (p *program) convertServerStreaming(to *plan, c call) string {
	reason := ""
	for _, convert := range []func(*plan, call) string{p.convertToRange, p.convertToRecv} {
		one := newPlan(p)
		if reason = convert(one, c); reason == "" {
			to.merge(one)
			return ""
		}
	}
	return reason
}

func (p *program) convertToRange(plan *plan, c call) string {
	f := c.file
	o, reason := p.openingOf(f, c.call)
	if reason != "" {
		return reason
	}
	after := &trailer{f: f}
	var recv *ast.CallExpr
	for _, id := range usesOf(f, o.stream) {
		called, name := methodCall(f, id)
		switch {
		case name == "":
			return "the stream is passed to code that is not followed"
		case name == "Trailer":
			after.calls = append(after.calls, called)
		case name != "Recv":
			return name + " of the stream is used"
		case recv != nil:
			return "Recv is called in several places, or not at all"
		default:
			recv = called
		}
	}
	if recv == nil {
		return "Recv is called in several places, or not at all"
	}
	assign, ok := f.parent(recv).(*ast.AssignStmt)
	if !ok {
		return "the results of Recv are not assigned to two variables"
	}
	loop, reason := p.recvLoopOf(f, assign)
	if reason != "" {
		return reason
	}
	if f.function(loop.loop) != f.function(c.call) {
		return "the function that receives is not the one that opens the stream"
	}
	if reason := o.between(p, f, loop.stmt); reason != "" {
		return reason
	}
	for _, called := range after.calls {
		if !loop.ended(called) || f.function(called) != f.function(c.call) {
			return "Trailer of the stream is used where it may not have ended"
		}
	}
	if reason := p.options(plan, c, after.option(plan, c.call)); reason != "" {
		return reason
	}
	if reason := p.openingError(plan, f, "server-streaming call", o, loop.fail, loop.err, false); reason != "" {
		return reason
	}
	o.drop(plan, f)
	after.declare(plan, loop.stmt, c.call)
	for _, e := range loop.header(p, "", span{c.call.Pos(), c.call.End()}, "") {
		plan.add(f, e)
	}
	return ""
}

// ended reports whether the stream has ended where n is: behind the loop, or where
// the loop deals with the end or an error.
func (l *recvLoop) ended(n ast.Node) bool {
	if n.Pos() > l.loop.End() || l.eof.pos <= n.Pos() && n.End() <= l.eof.end {
		return true
	}
	return len(l.fail) > 0 && l.fail[0].Pos() <= n.Pos() && n.End() <= l.fail[len(l.fail)-1].End()
}
