package migrate

import (
	"cmp"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
)

// convertToRecv plans stream.ToRecv for a server-streaming call whose Recv is not that of
// one loop: its calls of Recv stay where they are. It returns the reason if it cannot.
func (p *program) convertToRecv(plan *plan, c call) string {
	f := c.file
	o, reason := p.openingOf(f, c.call)
	if reason != "" {
		return reason
	}
	r, reason := p.receiptsOf(f, o.stream, f.function(c.call))
	if reason != "" {
		return reason
	}
	if inLoop(f, o.assign) {
		return "the call is opened in a loop, and would only end with the function"
	}
	if reason := p.opens(f, o.block[o.index:], r); reason != "" {
		return reason
	}
	fail, err, ignored := p.firstHandling(f, r)
	if reason := p.openingError(plan, f, "server-streaming call", o, fail, err, ignored); reason != "" {
		return reason
	}
	if reason := p.options(plan, c, ""); reason != "" {
		return reason
	}
	names := p.newNames(f, c.call, o.stream, "recv", "stop")
	recv, stop := names[0], names[1]
	before := recv + ", " + stop + " := " + plan.packageName(f, "github.com/gohostrpc/gohost/stream", "stream", f.enclosing(c.call), o.stream) + ".ToRecv("
	if o.keepsError(f) {
		before = "var " + o.err.Name() + " error\n" + before
	}
	plan.replace(f, o.assign.Pos(), c.call.Pos(), before)
	plan.replace(f, c.call.End(), c.call.End(), ")")
	end := p.lineEnd(f, c.call.End())
	plan.replace(f, end, end, "\ndefer "+stop+"()")
	o.removeCheck(plan, f)
	return r.change(plan, f, recv, c.method)
}

const otherFunction = "the function that receives is not the one that opens the stream"

// receipts are what is done with the stream of a server-streaming call.
type receipts struct {
	recvs    []*ast.CallExpr
	handings []*handing
	closes   []ast.Stmt // CloseSend, which does nothing: the only request was sent
}

// all returns the calls by which messages are received.
func (r receipts) all() []*ast.CallExpr {
	calls := slices.Clone(r.recvs)
	for _, h := range r.handings {
		calls = append(calls, h.call)
	}
	slices.SortFunc(calls, func(a, b *ast.CallExpr) int { return cmp.Compare(a.Pos(), b.Pos()) })
	return calls
}

// receiptsOf finds what the function fn does with v, the stream of a server-streaming
// call. It returns the reason if that is something else.
func (p *program) receiptsOf(f *file, v types.Object, fn ast.Node) (receipts, string) {
	var r receipts
	for _, id := range usesOf(f, v) {
		called, name := methodCall(f, id)
		switch name {
		case "Recv":
			r.recvs = append(r.recvs, called)
		case "":
			h, reason := p.handingOf(f, id)
			if reason != "" {
				return r, reason
			}
			r.handings = append(r.handings, h)
		case "CloseSend":
			s, ok := f.parent(called).(*ast.ExprStmt)
			if !ok {
				return r, "the result of CloseSend is used"
			}
			r.closes = append(r.closes, s)
		case "Trailer":
			return r, "Trailer of the stream is used where it may not have ended"
		default:
			return r, name + " of the stream is used"
		}
	}
	for _, call := range r.all() {
		switch f.parent(call).(type) {
		case *ast.GoStmt, *ast.DeferStmt:
			return r, otherFunction
		}
		if f.function(call) != fn {
			return r, otherFunction
		}
	}
	if len(r.all()) == 0 {
		return r, "nothing is received, so the call would never open"
	}
	return r, ""
}

// change plans that recv takes the place of the stream of a call of m, also in the
// functions that it is given to.
func (r receipts) change(plan *plan, f *file, recv string, m *method) string {
	for _, call := range r.recvs {
		plan.replace(f, call.Pos(), call.Fun.End(), recv)
	}
	for _, h := range r.handings {
		plan.replace(f, h.arg.Pos(), h.arg.End(), recv)
		if reason := plan.p.pulls(plan, h, m); reason != "" {
			return reason
		}
	}
	for _, s := range r.closes {
		plan.remove(f, s.Pos(), s.End())
	}
	return ""
}

// opens returns why the first of r may not be the first that is done by stmts, or "".
// Functions that are in seen call themselves.
func (p *program) opens(f *file, stmts []ast.Stmt, r receipts, seen ...*declared) string {
	const uncertain = "the first Recv would open the call, but it may not run, or other code runs before it"
	first := r.all()[0]
	stmts = slices.DeleteFunc(slices.Clone(stmts), func(s ast.Stmt) bool { return slices.Contains(r.closes, s) })
	i := slices.IndexFunc(stmts, func(s ast.Stmt) bool { return isIn(first, s) })
	if i < 0 || !p.startsWith(f, stmts[i], first) {
		return uncertain
	}
	if reason := p.pause(f, stmts, stmts[i]); reason != "" {
		return reason
	}
	for _, h := range r.handings {
		if h.call != first {
			continue
		}
		if slices.Contains(seen, h.to) {
			return uncertain
		}
		inner, reason := p.receiptsOf(h.to.file, h.param, h.to.decl)
		if reason == "" {
			reason = p.opens(h.to.file, h.to.decl.Body.List, inner, append(seen, h.to)...)
		}
		return h.inside(reason)
	}
	return ""
}

// firstHandling returns what is done with an error of the first Recv, of which opens has
// said that it is: see handlingOf.
func (p *program) firstHandling(f *file, r receipts) (fail []ast.Stmt, err types.Object, ignored bool) {
	first := r.all()[0]
	for _, h := range r.handings {
		if h.call == first {
			inner, _ := p.receiptsOf(h.to.file, h.param, h.to.decl)
			_, _, ignored := p.firstHandling(h.to.file, inner)
			return nil, nil, ignored
		}
	}
	return p.handlingOf(f, first)
}

// startsWith reports whether s always calls call, and calls nothing before it.
func (p *program) startsWith(f *file, s ast.Stmt, call *ast.CallExpr) bool {
	first := func(stmts []ast.Stmt) bool { return len(stmts) > 0 && p.startsWith(f, stmts[0], call) }
	switch s := s.(type) {
	case *ast.AssignStmt, *ast.DeclStmt, *ast.ExprStmt, *ast.ReturnStmt:
		return isIn(call, s) && p.evaluatedFirst(f, s, call)
	case *ast.LabeledStmt:
		return p.startsWith(f, s.Stmt, call)
	case *ast.BlockStmt:
		return first(s.List)
	case *ast.IfStmt:
		return s.Init != nil && p.startsWith(f, s.Init, call)
	case *ast.SwitchStmt:
		return s.Init != nil && p.startsWith(f, s.Init, call)
	case *ast.ForStmt:
		if s.Init == nil && s.Cond == nil {
			return first(s.Body.List)
		}
		return p.runs(f, s) && first(s.Body.List)
	case *ast.RangeStmt:
		n, ok := intValue(f, s.X)
		return ok && n > 0 && first(s.Body.List)
	}
	return false
}

// evaluatedFirst reports whether nothing else is called in s before call.
func (p *program) evaluatedFirst(f *file, s ast.Stmt, call *ast.CallExpr) bool {
	first := true
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			before := n != call && !isIn(call, n) && n.Pos() < call.End()
			if fn := p.callee(f, n); before && !f.pkg.Info.Types[n.Fun].IsType() && (fn == nil || fn.Pkg() == nil || !pure(fn)) {
				first = false
			}
		case *ast.BinaryExpr:
			if (n.Op == token.LAND || n.Op == token.LOR) && isIn(call, n.Y) {
				first = false
			}
		}
		return first
	})
	return first
}

// runs reports whether the body of a loop "for i := 0; i < 3; i++" runs at least once.
func (p *program) runs(f *file, s *ast.ForStmt) bool {
	init, ok := s.Init.(*ast.AssignStmt)
	cond, ok2 := s.Cond.(*ast.BinaryExpr)
	if !ok || !ok2 || len(init.Lhs) != 1 || len(init.Rhs) != 1 || init.Tok != token.DEFINE || cond.Op != token.LSS && cond.Op != token.LEQ {
		return false
	}
	id, _ := init.Lhs[0].(*ast.Ident)
	from, ok := intValue(f, init.Rhs[0])
	to, ok2 := intValue(f, cond.Y)
	return id != nil && ok && ok2 && uses(f.pkg.Info, cond.X) == f.pkg.Info.Defs[id] && (from < to || from == to && cond.Op == token.LEQ)
}

// intValue returns the value of e if it is a constant.
func intValue(f *file, e ast.Expr) (int64, bool) {
	v := f.pkg.Info.Types[e].Value
	if v == nil || v.Kind() != constant.Int {
		return 0, false
	}
	return constant.Int64Val(v)
}

// handlingOf returns what is done with an error of recv that is not io.EOF, and whether
// the error is ignored.
func (p *program) handlingOf(f *file, recv *ast.CallExpr) (fail []ast.Stmt, err types.Object, ignored bool) {
	if ret, ok := f.parent(recv).(*ast.ReturnStmt); ok {
		return []ast.Stmt{ret}, nil, false
	}
	assign, ok := f.parent(recv).(*ast.AssignStmt)
	if !ok || len(assign.Lhs) != 2 {
		_, alone := f.parent(recv).(*ast.ExprStmt)
		return nil, nil, alone
	}
	id, ok := assign.Lhs[1].(*ast.Ident)
	if !ok {
		return nil, nil, false
	}
	if id.Name == "_" {
		return nil, nil, true
	}
	if loop := p.loopOf(f, recv); loop != nil && loop.fail != nil {
		return loop.fail, loop.err, false
	}
	err = f.pkg.Info.ObjectOf(id)
	if check, ok := f.parents[assign].(*ast.IfStmt); ok && check.Init == assign {
		if rest, ok := check.Else.(*ast.IfStmt); ok && isEOF(f.pkg.Info, check.Cond, err) && rest.Init == nil {
			check = rest
		}
		if check.Else == nil && isFailure(f.pkg.Info, check.Cond, err) && leavesBlock(f, check.Body.List) {
			return check.Body.List, err, false
		}
		return nil, err, false
	}
	stmts := list(f.parents[assign])
	for i, s := range stmts {
		if s != assign {
			continue
		}
		for _, next := range stmts[i+1:] {
			if ret, ok := next.(*ast.ReturnStmt); ok {
				return []ast.Stmt{ret}, err, false
			}
			if fail := failureIn(f, next, err); fail != nil {
				return fail, err, false
			}
			check, ok := next.(*ast.IfStmt)
			if !ok || check.Init != nil || check.Else != nil || !isEOF(f.pkg.Info, check.Cond, err) || !leavesBlock(f, check.Body.List) {
				break
			}
		}
	}
	return nil, err, false
}

// openingError decides what becomes of the handling of an error of opening, which goes
// where that of a first Recv is: fail, with the error err. It returns the reason if it
// may not, and notes what is different.
func (p *program) openingError(plan *plan, f *file, kind string, o *opening, fail []ast.Stmt, err types.Object, ignored bool) string {
	switch {
	case o.check != nil && (p.sameHandling(f, o.fail, o.err, fail, err) || o.returnedLike(f, fail)):
		return ""
	case ignored:
		return "the error of Recv is ignored, and an error of opening the call would be too"
	case !p.opts.Merge:
		return "an error of opening the call is handled differently from one of Recv" + mergeHint
	}
	note := "an error of opening the call is handled like one of Recv now"
	if o.check == nil {
		note = "an error of opening the call, which was ignored, is handled like one of Recv now"
	} else if !endAlike(f, o.fail, fail) {
		note += ", after which the code goes on elsewhere"
	}
	plan.notes = append(plan.notes, Left{o.pos(), kind, note})
	return ""
}

// returnedLike reports whether fail returns the results of Recv, and an error of opening is
// returned like that: with nil.
func (o *opening) returnedLike(f *file, fail []ast.Stmt) bool {
	if len(o.fail) != 1 || len(fail) != 1 {
		return false
	}
	opened, ok := o.fail[0].(*ast.ReturnStmt)
	received, ok2 := fail[0].(*ast.ReturnStmt)
	return ok && ok2 && len(received.Results) == 1 && len(opened.Results) == 2 &&
		f.pkg.Info.Types[opened.Results[0]].IsNil() && uses(f.pkg.Info, opened.Results[1]) == o.err && isCall(received.Results[0])
}

func isCall(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok
}
