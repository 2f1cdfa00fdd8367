package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// convertBidirectional makes a conversation of a bidirectional call: its Send
// and Recv stay what they are.
func (p *program) convertBidirectional(plan *plan, c call) string {
	f := c.file
	o, reason := p.openingOf(f, c.call)
	if reason != "" {
		return reason
	}
	h := conversationErrors{p: p, o: o, same: true, alike: true}
	if reason := p.converse(plan, f, o.stream, c.method, &h); reason != "" {
		return reason
	}
	if reason := h.merge(plan); reason != "" {
		return reason
	}
	args := c.call.Args
	if len(args) == 0 {
		return "the arguments are the results of one call"
	}
	if len(args) > 1 {
		if !p.plain(f, args[1:]) && !p.plain(f, args[:1]) {
			return "the options are computed after the arguments, but With would compute them before"
		}
		after := ")"
		if c.call.Ellipsis.IsValid() {
			after = "...)"
		}
		plan.add(f, planned{span: span{c.recv.End(), c.recv.End()}, before: ".With(", moved: span{args[1].Pos(), args[len(args)-1].End()}, after: after})
	}
	before := o.stream.Name() + " := " + plan.packageName(f, "github.com/gohostrpc/gohost/stream", "stream", f.function(c.call), o.stream) + ".Open("
	if o.keepsError(f) {
		before = "var " + o.err.Name() + " error\n" + before
	}
	plan.add(f, planned{span: span{o.assign.Pos(), c.recv.Pos()}, before: before, moved: span{args[0].Pos(), args[0].End()}, after: ", "})
	if p.cancelled(f, c.call) {
		end := p.lineEnd(f, c.call.End())
		plan.replace(f, end, end, "\ndefer "+o.stream.Name()+".Close()")
	} else {
		plan.notes = append(plan.notes, Left{c.call.Pos(), "bidirectional call", "the conversation stays open until it or its context ends, as the stream did: close it when it is no longer needed"})
	}
	plan.replace(f, c.call.Lparen, c.call.End(), ")")
	o.removeCheck(plan, f)
	return ""
}

// converse plans what becomes of the uses of v, the stream of a call of m, and collects
// how its errors are handled. It returns why v cannot be a conversation.
func (p *program) converse(plan *plan, f *file, v types.Object, m *method, h *conversationErrors) string {
	for _, id := range usesOf(f, v) {
		used, name := methodCall(f, id)
		switch name {
		case "Recv":
			h.recv(f, used)
		case "Send":
			if len(used.Args) != 1 {
				return "Send is not given one message"
			}
			if f.pkg.Info.Types[used.Args[0]].IsNil() {
				return "Send is called with nil"
			}
			if p.changedLater(f, used) {
				return "a message is changed after it was sent, which a conversation does not allow"
			}
			h.send(f, used)
		case "CloseSend":
			if reason := p.closeSend(plan, f, used); reason != "" {
				return reason
			}
		case "":
			if reason := p.talks(plan, f, id, m, h); reason != "" {
				return reason
			}
		default:
			return name + " of the stream is used"
		}
	}
	return ""
}

// conversationErrors compares how an error of opening a bidirectional call is handled
// with the handling of the errors of its Send and Recv, which find it now.
type conversationErrors struct {
	p      *program
	o      *opening
	same   bool // one of Recv is handled like it, and Send does not handle it
	alike  bool // the code goes on at the same place
	looked bool // some Recv looks at its error
}

func (h *conversationErrors) recv(f *file, call *ast.CallExpr) {
	fail, err, ignored := h.p.handlingOf(f, call)
	h.looked = h.looked || !ignored
	h.same = h.same && (h.o.check == nil || h.p.sameHandling(f, h.o.fail, h.o.err, fail, err))
	h.alike = h.alike && (h.same || endAlike(f, h.o.fail, fail))
}

func (h *conversationErrors) send(f *file, call *ast.CallExpr) {
	if fail, ignored := sendFailure(f, call); !ignored {
		h.same = false
		h.alike = h.alike && endAlike(f, h.o.fail, fail)
	}
}

// merge returns why the handling of an error of opening cannot go, or notes what is
// different.
func (h *conversationErrors) merge(plan *plan) string {
	switch {
	case h.same && h.looked:
		return ""
	case !h.looked:
		return "no Recv checks its error, so an error of opening the call would be ignored"
	case !h.p.opts.Merge:
		return "Send (as io.EOF) and Recv would report an error of opening the call (-merge allows that)"
	}
	note := "Send (as io.EOF) and Recv report an error of opening the call now"
	if !h.alike {
		note += ", after which the code goes on elsewhere"
	}
	plan.notes = append(plan.notes, Left{h.o.pos(), "bidirectional call", note})
	return ""
}

// sendFailure returns what is done with an error of send. It is ignored where it
// ends no more than the sending.
func sendFailure(f *file, send *ast.CallExpr) (fail []ast.Stmt, ignored bool) {
	var check *ast.IfStmt
	switch up := f.parent(send).(type) {
	case *ast.ExprStmt:
		return nil, true
	case *ast.CallExpr:
		if s, ok := f.parent(up).(*ast.ExprStmt); ok && isRequire(f.pkg.Info, s, nil) {
			return []ast.Stmt{s}, false
		}
	case *ast.BinaryExpr:
		check, _ = f.parent(up).(*ast.IfStmt)
	case *ast.AssignStmt:
		check, _ = f.parents[up].(*ast.IfStmt)
		stmts := list(f.parents[up])
		for i, s := range stmts[:max(len(stmts)-1, 0)] {
			if s == up {
				check, _ = stmts[i+1].(*ast.IfStmt)
			}
		}
	}
	if check == nil || check.Else != nil {
		return nil, false
	}
	if len(check.Body.List) == 1 {
		switch s := check.Body.List[0].(type) {
		case *ast.BranchStmt:
			return nil, s.Tok == token.BREAK
		case *ast.ReturnStmt:
			return check.Body.List, len(s.Results) == 0
		}
	}
	return check.Body.List, false
}

// changedLater reports whether the message of send is a variable that is changed
// in a loop around it, or after it.
func (p *program) changedLater(f *file, send *ast.CallExpr) bool {
	v := uses(f.pkg.Info, send.Args[0])
	if v == nil {
		return false
	}
	from := send.End()
	for up := f.parents[send]; up != nil; up = f.parents[up] {
		switch up.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if !within(v, up) {
				from = up.Pos()
			}
		}
	}
	for _, id := range usesOf(f, v) {
		if id.Pos() < from {
			continue
		}
		var e ast.Expr = id
		for {
			up, ok := f.parent(e).(ast.Expr)
			if !ok {
				break
			}
			e = up
		}
		switch up := f.parent(e).(type) {
		case *ast.AssignStmt:
			for _, l := range up.Lhs {
				if l == e && e != ast.Expr(id) {
					return true
				}
			}
		case *ast.IncDecStmt:
			return true
		}
	}
	return false
}

// closeSend plans what becomes of CloseSend, which returns nothing. grpc's never
// returns an error, so a test of it goes.
func (p *program) closeSend(plan *plan, f *file, used *ast.CallExpr) string {
	alone := func(s ast.Node) {
		plan.add(f, planned{span: span{s.Pos(), s.End()}, moved: span{used.Pos(), used.End()}})
	}
	switch up := f.parent(used).(type) {
	case *ast.ExprStmt, *ast.DeferStmt:
		return ""
	case *ast.CallExpr:
		if s, ok := f.parent(up).(*ast.ExprStmt); ok && isAssertion(f.pkg.Info, s, used) && p.plainExcept(f, up.Args, used) {
			alone(s)
			return ""
		}
	case *ast.ReturnStmt:
		if len(up.Results) == 1 {
			plan.add(f, planned{span: span{up.Pos(), up.End()}, moved: span{used.Pos(), used.End()}, after: "\nreturn nil"})
			return ""
		}
	case *ast.AssignStmt:
		id, ok := up.Lhs[0].(*ast.Ident)
		if !ok || len(up.Lhs) != 1 {
			break
		}
		if id.Name == "_" {
			plan.replace(f, up.Pos(), used.Pos(), "")
			return ""
		}
		err := f.pkg.Info.ObjectOf(id)
		if check, ok := f.parents[up].(*ast.IfStmt); ok {
			if check.Init == up && check.Else == nil && up.Tok == token.DEFINE && isFailure(f.pkg.Info, check.Cond, err) {
				alone(check)
				return ""
			}
			break
		}
		block := list(f.parents[up])
		for i, s := range block[:max(len(block)-1, 0)] {
			check := block[i+1]
			if s != up || failureIn(f, check, err) == nil && uses(f.pkg.Info, noError(f.pkg.Info, check, "assert")) != err {
				continue
			}
			plan.remove(f, check.Pos(), check.End())
			alone(up)
			switch {
			case up.Tok == token.ASSIGN && p.readLater(f, err, block[i+2:], check):
				plan.replace(f, up.Pos(), up.Pos(), id.Name+" = nil\n")
			case f.keepsError(id, block, check):
				plan.replace(f, up.Pos(), up.Pos(), "var "+id.Name+" error\n")
			}
			return ""
		}
	}
	return "the result of CloseSend is used"
}

// readLater reports whether a variable may be read after n, which rest follows.
func (p *program) readLater(f *file, v types.Object, rest []ast.Stmt, n ast.Node) bool {
	for _, s := range rest {
		uses := slices.DeleteFunc(usesOf(f, v), func(id *ast.Ident) bool { return !isIn(id, s) })
		if len(uses) == 0 {
			continue
		}
		if a, ok := s.(*ast.AssignStmt); ok && len(uses) == 1 && f.parents[uses[0]] == a && assigned(f, uses[0]) {
			return false
		}
		break
	}
	fn := f.function(n)
	body := fn
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		body = fn.Body
	case *ast.FuncLit:
		body = fn.Body
	}
	if body == nil || !within(v, body) || inLoop(f, n) {
		return true
	}
	for _, id := range usesOf(f, v) {
		if id.Pos() > n.End() && !assigned(f, id) || inLiteral(f, id, v) {
			return true
		}
	}
	return false
}

// plainExcept reports whether exprs call nothing that matters but except.
func (p *program) plainExcept(f *file, exprs []ast.Expr, except ast.Expr) bool {
	for _, e := range exprs {
		if ast.Unparen(e) != except && !p.plain(f, []ast.Expr{e}) {
			return false
		}
	}
	return true
}

// cancelled reports whether the context of call is one that its function cancels
// by a deferred call.
func (p *program) cancelled(f *file, call *ast.CallExpr) bool {
	ctx := uses(f.pkg.Info, call.Args[0])
	fn := f.function(call)
	if ctx == nil || fn == nil {
		return false
	}
	var cancel types.Object
	ast.Inspect(fn, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == 2 && len(a.Rhs) == 1 && f.function(a) == fn {
			id, ok := a.Lhs[0].(*ast.Ident)
			other, ok2 := a.Lhs[1].(*ast.Ident)
			if ok && ok2 && f.pkg.Info.ObjectOf(id) == ctx {
				cancel = f.pkg.Info.ObjectOf(other)
			}
		}
		return true
	})
	if cancel == nil {
		return false
	}
	deferred := false
	for _, id := range usesOf(f, cancel) {
		called, ok := f.parent(id).(*ast.CallExpr)
		if !ok {
			continue
		}
		if d, ok := f.parents[called].(*ast.DeferStmt); ok && f.function(d) == fn {
			deferred = true
		}
	}
	return deferred
}
