package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// A sending is what a client-streaming call sends: the statements between
// opening it and CloseAndRecv.
type sending struct {
	p      *program
	f      *file
	o      *opening
	method *method
	stmts  []ast.Stmt
	sends  []*ast.CallExpr
	close  *ast.CallExpr
	closed ast.Stmt
	tests  []ast.Node   // what tests the errors of Send
	fails  [][]ast.Stmt // what is done with errors of Send
	merged bool         // an error of Send was handled by itself
}

// convertClientStreaming makes a producer of the statements that send.
func (p *program) convertClientStreaming(plan *plan, c call) string {
	f := c.file
	o, reason := p.openingOf(f, c.call)
	if reason != "" {
		return reason
	}
	if o.check == nil {
		return "the error of opening the call is ignored"
	}
	s := &sending{p: p, f: f, o: o, method: c.method}
	if reason := s.find(); reason != "" {
		return reason
	}
	var edits []planned
	for _, send := range s.sends {
		if len(send.Args) == 1 && f.pkg.Info.Types[send.Args[0]].IsNil() {
			return "Send is called with nil"
		}
		e, reason := s.yield(send)
		if reason != "" {
			return reason
		}
		edits = append(edits, e)
	}
	if reason := s.movable(); reason != "" {
		return reason
	}
	args := c.call.Args
	if len(args) == 0 {
		return "the arguments are the results of one call"
	}
	if !p.plain(f, args) {
		return "the context or the options are computed by a call, which would run later"
	}
	if !s.answeredLike() {
		s.merged = true
	}
	if s.merged {
		if !s.alike() {
			return unlike
		}
		if !p.opts.Merge {
			return "an error of opening the call or of Send is handled differently from one of CloseAndRecv (-merge lets it be handled like that)"
		}
		plan.notes = append(plan.notes, Left{o.pos(), "client-streaming call", "an error of opening the call or of Send is handled like one of CloseAndRecv now"})
	}
	client := p.text(f, c.recv)
	if len(args) > 1 {
		dots := ""
		if c.call.Ellipsis.IsValid() {
			dots = "..."
		}
		client += ".With(" + p.slice(f, args[1].Pos(), args[len(args)-1].End()) + dots + ")"
	}
	from := s.closed.Pos()
	if len(s.stmts) > 0 {
		from = s.stmts[0].Pos()
	}
	before := client + "." + c.method.name + "(" + p.text(f, args[0]) + ", "
	producer := &handler{p: p, plan: plan, f: f, decl: f.enclosing(c.call), stream: o.stream}
	switch of, all := s.of(producer.typeName); {
	case all:
		plan.replace(f, s.close.Pos(), s.close.End(), before+producer.name("github.com/gohostrpc/gohost/stream", "stream")+".Of"+of+")")
	default:
		plan.add(f, planned{span: span{s.close.Pos(), s.close.End()}, before: before + "func(yield func(" + producer.typeName(c.method.req) + ", error) bool) {\n", moved: span{from, s.stmts[len(s.stmts)-1].End()}, after: "\n})"})
		for _, e := range edits {
			plan.add(f, e)
		}
	}
	if len(s.stmts) > 0 {
		plan.remove(f, from, s.stmts[len(s.stmts)-1].End())
	}
	o.drop(plan, f)
	return ""
}

// enclosing returns the declaration that n is in.
func (f *file) enclosing(n ast.Node) *ast.FuncDecl {
	for up := f.parents[n]; up != nil; up = f.parents[up] {
		if d, ok := up.(*ast.FuncDecl); ok {
			return d
		}
	}
	return &ast.FuncDecl{Name: ast.NewIdent("_"), Type: &ast.FuncType{}}
}

// find finds the calls of Send and of CloseAndRecv.
func (s *sending) find() string {
	for _, id := range usesOf(s.f, s.o.stream) {
		call, name := methodCall(s.f, id)
		switch name {
		case "Send":
			s.sends = append(s.sends, call)
		case "CloseAndRecv":
			if s.close != nil {
				return "CloseAndRecv is called twice"
			}
			s.close = call
		case "":
			return "the stream is passed to code that is not followed"
		default:
			return name + " of the stream is used"
		}
	}
	if s.close == nil {
		return "CloseAndRecv is not called"
	}
	for i, stmt := range s.o.block[s.o.index:] {
		if isIn(s.close, stmt) {
			s.closed, s.stmts = stmt, s.o.block[s.o.index:][:i]
			break
		}
	}
	switch up := s.f.parent(s.close).(type) {
	case *ast.AssignStmt, *ast.ReturnStmt, *ast.ExprStmt:
		check, ok := s.closed.(*ast.IfStmt)
		if s.closed == up.(ast.Stmt) || ok && check.Init == up.(ast.Stmt) {
			return ""
		}
	}
	return "CloseAndRecv is not a statement of the block that the call is opened in"
}

// yield returns the edit that makes a yield of a Send.
func (s *sending) yield(send *ast.CallExpr) (planned, string) {
	if len(send.Args) != 1 || s.f.function(send) != s.f.function(s.close) {
		return planned{}, "Send is called by a function literal"
	}
	e := planned{before: "if !yield(", moved: span{send.Args[0].Pos(), send.Args[0].End()}, after: ", nil) {\nreturn\n}"}
	info := s.f.pkg.Info
	from := ast.Node(send)
	var check *ast.IfStmt
	var err types.Object
	switch up := s.f.parent(send).(type) {
	case *ast.ExprStmt:
		e.span = span{up.Pos(), up.End()}
		return e, ""
	case *ast.BinaryExpr:
		check, _ = s.f.parent(up).(*ast.IfStmt)
		if check != nil && (up.Op != token.NEQ || !info.Types[up.Y].IsNil() || check.Else != nil) {
			check = nil
		}
		from = check
	case *ast.AssignStmt:
		id, ok := up.Lhs[0].(*ast.Ident)
		if !ok || len(up.Lhs) != 1 {
			break
		}
		err = info.ObjectOf(id)
		if init, ok := s.f.parents[up].(*ast.IfStmt); ok && init.Init == up && up.Tok == token.DEFINE {
			check, from = init, init
			break
		}
		stmts := list(s.f.parents[up])
		for i, stmt := range stmts[:max(len(stmts)-1, 0)] {
			if stmt == up {
				check, _ = stmts[i+1].(*ast.IfStmt)
				from = up
			}
		}
		if check != nil && check.Init != nil {
			check = nil
		}
	}
	const unclear = "the next statement does not stop sending after an error of Send"
	if check == nil {
		return e, unclear
	}
	e.span = span{from.Pos(), check.End()}
	s.tests = append(s.tests, from, check)
	defer func() {
		if s.merged && check != nil {
			s.fails = append(s.fails, check.Body.List)
		}
	}()
	if err != nil && isEOF(info, check.Cond, err) {
		if !breaks(check.Body) {
			return e, unclear
		}
		rest, ok := check.Else.(*ast.IfStmt)
		if !ok {
			return e, unclear
		}
		check = rest
	}
	if check.Init != nil && check != from || check.Else != nil || err != nil && !isFailure(info, check.Cond, err) || !leavesBlock(s.f, check.Body.List) {
		return e, unclear
	}
	if !breaks(check.Body) {
		if _, ok := check.Body.List[len(check.Body.List)-1].(*ast.BranchStmt); ok {
			return e, unclear
		}
		s.merged = true
	}
	return e, ""
}

// breaks reports whether all that is done in block is to break.
func breaks(block *ast.BlockStmt) bool {
	if len(block.List) != 1 {
		return false
	}
	b, ok := block.List[0].(*ast.BranchStmt)
	return ok && b.Tok == token.BREAK
}

// of returns the arguments of stream.Of that are what is sent, if that can be
// written so.
func (s *sending) of(typeName func(types.Type) string) (string, bool) {
	if len(s.stmts) == 1 {
		if loop, ok := s.stmts[0].(*ast.RangeStmt); ok && len(loop.Body.List) == 1 && len(s.sends) == 1 && loop.Value != nil && loop.Tok == token.DEFINE {
			value, _ := loop.Value.(*ast.Ident)
			key, _ := loop.Key.(*ast.Ident)
			slice, isSlice := s.f.pkg.Info.TypeOf(loop.X).Underlying().(*types.Slice)
			if value != nil && key != nil && key.Name == "_" && isSlice && types.Identical(slice.Elem(), s.method.req) &&
				uses(s.f.pkg.Info, s.sends[0].Args[0]) == s.f.pkg.Info.Defs[value] {
				return "(" + s.p.text(s.f, loop.X) + "...)", true
			}
		}
	}
	var args []string
	for _, send := range s.sends {
		top := false
		for _, stmt := range s.stmts {
			top = top || s.f.parents[send] == stmt || s.f.parents[s.f.parents[send]] == stmt
		}
		if !top || !s.p.quiet(s.f, send.Args[0]) {
			return "", false
		}
		args = append(args, s.p.text(s.f, send.Args[0]))
	}
	if len(args) == 0 && len(s.stmts) == 0 {
		return "[" + typeName(s.method.req) + "]()", true
	}
	return "(" + strings.Join(args, ", ") + ")", len(args) == len(s.stmts)
}

// alike reports whether errors of opening, Send and CloseAndRecv end alike.
func (s *sending) alike() bool {
	closed := s.answered()
	if closed == nil {
		return false
	}
	for _, fail := range append(s.fails, s.o.fail) {
		if len(fail) == 0 || !endAlike(s.f, fail, closed) && !(len(fail) == 1 && breaks(&ast.BlockStmt{List: fail})) {
			return false
		}
	}
	return true
}

// answered returns what is done with an error of CloseAndRecv.
func (s *sending) answered() []ast.Stmt {
	if ret, ok := s.closed.(*ast.ReturnStmt); ok {
		// Both results are returned: that is nil and the error.
		return []ast.Stmt{&ast.ReturnStmt{Results: []ast.Expr{s.nilOf(), ret.Results[0]}}}
	}
	if check, ok := s.closed.(*ast.IfStmt); ok {
		return check.Body.List
	}
	for i, stmt := range s.o.block[:max(len(s.o.block)-1, 0)] {
		if stmt == s.closed {
			if a, ok := s.closed.(*ast.AssignStmt); ok && len(a.Lhs) == 2 {
				if id, ok := a.Lhs[1].(*ast.Ident); ok {
					return failureIn(s.f, s.o.block[i+1], s.f.pkg.Info.ObjectOf(id))
				}
			}
		}
	}
	return nil
}

// nilOf returns a nil of the handling of an error of opening, nil where it has
// none.
func (s *sending) nilOf() ast.Expr {
	if ret, ok := s.o.fail[len(s.o.fail)-1].(*ast.ReturnStmt); ok && len(ret.Results) == 2 && s.f.pkg.Info.Types[ret.Results[0]].IsNil() {
		return ret.Results[0]
	}
	return nil
}

// answeredLike reports whether an error of opening is handled like one of
// CloseAndRecv.
func (s *sending) answeredLike() bool {
	opened := s.o.fail
	switch closed := s.closed.(type) {
	case *ast.ReturnStmt:
		ret, ok := opened[0].(*ast.ReturnStmt)
		return ok && len(opened) == 1 && len(closed.Results) == 1 && len(ret.Results) == 2 &&
			s.f.pkg.Info.Types[ret.Results[0]].IsNil() && uses(s.f.pkg.Info, ret.Results[1]) == s.o.err
	case *ast.IfStmt:
		if a, ok := closed.Init.(*ast.AssignStmt); ok && len(a.Lhs) == 2 && closed.Else == nil {
			id, ok := a.Lhs[1].(*ast.Ident)
			return ok && isFailure(s.f.pkg.Info, closed.Cond, s.f.pkg.Info.ObjectOf(id)) && s.p.sameHandling(s.f, opened, s.o.err, closed.Body.List, s.f.pkg.Info.ObjectOf(id))
		}
	case *ast.AssignStmt:
		if len(closed.Lhs) != 2 {
			return false
		}
		id, ok := closed.Lhs[1].(*ast.Ident)
		if !ok {
			return false
		}
		err := s.f.pkg.Info.ObjectOf(id)
		for i, stmt := range s.o.block {
			if stmt == s.closed && i+1 < len(s.o.block) {
				return s.p.sameHandling(s.f, opened, s.o.err, failureIn(s.f, s.o.block[i+1], err), err)
			}
		}
	}
	return false
}
