package migrate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
)

// convertToRecv plans stream.ToRecv for a server-streaming call whose Recv is not that of
// one loop: its calls of Recv stay where they are. It returns the reason if it cannot.
func (p *program) convertToRecv(plan *plan, c call) string {
	f := c.file
	o, reason := p.openingOf(f, c.call)
	if reason != "" {
		return reason
	}
	fn := f.function(c.call)
	var recvs []*ast.CallExpr
	for _, id := range usesOf(f, o.stream) {
		called, name := methodCall(f, id)
		switch {
		case name == "":
			return "the stream goes to where it is not followed"
		case name == "CloseSend":
			// A server-streaming call has sent its only request, so this does nothing.
			s, ok := f.parent(called).(*ast.ExprStmt)
			if !ok {
				return "the result of CloseSend is used"
			}
			plan.remove(f, s.Pos(), s.End())
		case name == "Trailer":
			return "Trailer of the stream is used where it may not have ended"
		case name != "Recv":
			return name + " of the stream is used"
		case f.function(called) != fn:
			return "the stream is received from by another function than the one that opens it"
		default:
			recvs = append(recvs, called)
		}
	}
	if len(recvs) == 0 {
		return "nothing is received, and the call would not be opened"
	}
	if inLoop(f, o.assign) {
		return "the call is opened in a loop, and would end only with the function"
	}
	first := recvs[0]
	stmt := o.statementOf(first)
	if stmt == nil || !p.startsWith(f, stmt, first) {
		return "it is not certain that Recv is called, or something is done before it, and the first Recv would open the call"
	}
	if reason := o.pause(p, f, stmt); reason != "" {
		return reason
	}
	fail, err, ignored := p.handlingOf(f, first)
	if reason := p.openingError(plan, f, "server-streaming call", o, fail, err, ignored); reason != "" {
		return reason
	}
	if reason := p.options(plan, c, ""); reason != "" {
		return reason
	}
	recv, stop := p.newName(f, c.call, "recv", o.stream), p.newName(f, c.call, "stop", o.stream)
	before := recv + ", " + stop + " := " + plan.packageName(f, "github.com/gohostrpc/gohost/stream", "stream", f.enclosing(c.call), o.stream) + ".ToRecv("
	if o.keepsError(f) {
		before = "var " + o.err.Name() + " error\n" + before
	}
	plan.replace(f, o.assign.Pos(), c.call.Pos(), before)
	plan.replace(f, c.call.End(), c.call.End(), ")\ndefer "+stop+"()")
	plan.remove(f, o.check.Pos(), o.check.End())
	for _, call := range recvs {
		plan.replace(f, call.Pos(), call.Fun.End(), recv)
	}
	return ""
}

// statementOf returns the statement after the opening that n is in, nil if n is not in
// the block of the opening.
func (o *opening) statementOf(n ast.Node) ast.Stmt {
	for _, s := range o.block[o.index:] {
		if isIn(n, s) {
			return s
		}
	}
	return nil
}

// startsWith tells whether s always calls call, and calls nothing before it.
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

// evaluatedFirst tells whether nothing else is called in s before call.
func (p *program) evaluatedFirst(f *file, s ast.Stmt, call *ast.CallExpr) bool {
	first := true
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if !isIn(call, n) && n.Pos() < call.Pos() && !f.pkg.Info.Types[n.Fun].IsType() {
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

// runs tells whether the body of a loop "for i := 0; i < 3; i++" runs at least once.
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
	if fail, err := p.failureOf(f, recv); fail != nil {
		return fail, err, false
	}
	err = f.pkg.Info.ObjectOf(id)
	if check, ok := f.parents[assign].(*ast.IfStmt); ok && check.Init == assign {
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
	case p.sameHandling(f, o.fail, o.err, fail, err):
		return ""
	case ignored:
		return "the error of Recv is ignored, and one of opening the call would be too"
	case !p.opts.Merge:
		return "an error of opening the call is handled differently from one of Recv" + mergeHint
	}
	note := "an error of opening the call is handled like one of Recv now"
	if !endAlike(f, o.fail, fail) {
		note += ", after which the code goes on elsewhere"
	}
	plan.notes = append(plan.notes, Left{o.check.Pos(), kind, note})
	return ""
}

// newName returns a name for a new variable of the function that at is in: name, or name
// with a number. without goes away.
func (p *program) newName(f *file, at ast.Node, name string, without types.Object) string {
	fn := f.function(at)
	taken := p.names[fn]
	if taken == nil {
		taken = make(map[string]bool)
		p.names[fn] = taken
	}
	for _, in := range []ast.Node{fn, f.enclosing(at)} {
		ast.Inspect(in, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && f.pkg.Info.ObjectOf(id) != without {
				if sel, ok := f.parents[id].(*ast.SelectorExpr); !ok || sel.Sel != id {
					taken[id.Name] = true
				}
			}
			return true
		})
	}
	free := name
	for i := 2; taken[free]; i++ {
		free = name + strconv.Itoa(i)
	}
	taken[free] = true
	return free
}
