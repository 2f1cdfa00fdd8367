package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// A recvLoop is a loop that receives until the end of a stream.
type recvLoop struct {
	f     *file
	loop  *ast.ForStmt
	stmt  ast.Stmt // loop, or what labels it
	recv  *ast.AssignStmt
	err   types.Object
	fail  []ast.Stmt // what is done with an error that is not the end
	eof   span       // what is done at the end, moved behind the loop
	wrap  bool       // what is done at the end declares names, and more follows it
	plan  []planned
	relax bool // there is no test for the end: leaving is the same for both
}

// recvLoopOf returns the loop whose first statement is recv, "m, err :=
// s.Recv()", or the reason why that cannot be a range over a sequence.
func (p *program) recvLoopOf(f *file, recv *ast.AssignStmt) (*recvLoop, string) {
	body, ok := f.parents[recv].(*ast.BlockStmt)
	if !ok {
		return nil, "Recv is not the first statement of a loop"
	}
	loop, ok := f.parents[body].(*ast.ForStmt)
	if !ok || body.List[0] != recv {
		return nil, "Recv is not the first statement of a loop"
	}
	if loop.Init != nil || loop.Cond != nil || loop.Post != nil {
		return nil, "the loop around Recv has a condition of its own"
	}
	l := &recvLoop{f: f, loop: loop, stmt: loop, recv: recv}
	if len(recv.Lhs) != 2 {
		return nil, "the results of Recv are not assigned to two variables"
	}
	errIdent, ok := recv.Lhs[1].(*ast.Ident)
	if !ok || errIdent.Name == "_" {
		return nil, "the error of Recv is not checked"
	}
	l.err = f.pkg.Info.ObjectOf(errIdent)
	if recv.Tok == token.ASSIGN {
		for _, e := range recv.Lhs {
			id, ok := e.(*ast.Ident)
			if !ok || id.Name != "_" && p.usedOutside(f, f.pkg.Info.ObjectOf(id), loop) {
				return nil, "the results of Recv are used outside of the loop"
			}
		}
	}
	if label, ok := f.parents[loop].(*ast.LabeledStmt); ok {
		l.stmt = label
	}
	if reason := l.tests(p, body.List[1:]); reason != "" {
		return nil, reason
	}
	return l, ""
}

// usedOutside reports whether obj is used in its function, not in n and not to be
// declared or assigned.
func (p *program) usedOutside(f *file, obj types.Object, n ast.Node) bool {
	if obj == nil || obj.Parent() == nil || obj.Pkg() != nil && obj.Parent() == obj.Pkg().Scope() {
		return true
	}
	used := false
	ast.Inspect(f.ast, func(x ast.Node) bool {
		if x == n {
			return false
		}
		if id, ok := x.(*ast.Ident); ok && f.pkg.Info.Uses[id] == obj && !assigned(f, id) {
			// What comes before the loop, and is no part of a loop around it,
			// cannot see what the loop assigns.
			if id.Pos() > n.Pos() || inLoop(f, n) || inLiteral(f, id, obj) {
				used = true
			}
		}
		return !used
	})
	return used
}

func inLoop(f *file, n ast.Node) bool {
	for up := f.parents[n]; up != nil; up = f.parents[up] {
		switch up.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return true
		case *ast.FuncDecl, *ast.FuncLit:
			return false
		}
	}
	return false
}

// inLiteral reports whether id is in a function literal that obj is not of.
func inLiteral(f *file, id *ast.Ident, obj types.Object) bool {
	lit, ok := f.function(id).(*ast.FuncLit)
	return ok && !(lit.Pos() <= obj.Pos() && obj.Pos() < lit.End())
}

// assigned reports whether id is on the left of an assignment.
func assigned(f *file, id *ast.Ident) bool {
	a, ok := f.parents[id].(*ast.AssignStmt)
	if !ok || a.Tok != token.ASSIGN && a.Tok != token.DEFINE {
		return false
	}
	for _, l := range a.Lhs {
		if l == id {
			return true
		}
	}
	return false
}

// tests finds the tests of the error at the beginning of the loop.
func (l *recvLoop) tests(p *program, stmts []ast.Stmt) string {
	info := l.f.pkg.Info
	ended := false
	for i, stmt := range stmts {
		switch s := stmt.(type) {
		case *ast.ExprStmt:
			if ended && isRequire(info, s, l.err) {
				l.fail = []ast.Stmt{s}
				return ""
			}
		case *ast.IfStmt:
			if s.Init != nil {
				break
			}
			switch {
			case !ended && isEOF(info, s.Cond, l.err):
				ended = true
				if reason := l.atEOF(s.Body); reason != "" {
					return reason
				}
				switch rest := s.Else.(type) {
				case nil:
					l.plan = append(l.plan, planned{span: p.lines(l.f, span{s.Pos(), s.End()})})
					continue
				case *ast.IfStmt:
					if rest.Init == nil && isFailure(info, rest.Cond, l.err) {
						l.plan = append(l.plan, planned{span: span{s.Pos(), rest.Pos()}})
						return l.failure(rest.Body)
					}
				}
				return "the check for io.EOF has an else that does not check err"
			case isFailure(info, s.Cond, l.err):
				if !ended {
					if len(s.Body.List) > 0 {
						if inner, ok := s.Body.List[0].(*ast.IfStmt); ok && inner.Init == nil && inner.Else == nil && isEOF(info, inner.Cond, l.err) {
							if reason := l.atEOF(inner.Body); reason != "" {
								return reason
							}
							l.plan = append(l.plan, planned{span: p.lines(l.f, span{inner.Pos(), inner.End()})})
							return l.failure(&ast.BlockStmt{Lbrace: s.Body.Lbrace, List: s.Body.List[1:], Rbrace: s.Body.Rbrace})
						}
					}
					if len(s.Body.List) == 1 && s.Else == nil {
						if b, ok := s.Body.List[0].(*ast.BranchStmt); ok && b.Tok == token.BREAK && targetOf(l.f, b) == l.loop {
							l.fail, l.relax = s.Body.List, true
							return ""
						}
					}
					return "the end of the stream is handled like an error"
				}
				return l.failure(s.Body)
			case isFailureNotEOF(info, s.Cond, l.err):
				l.plan = append(l.plan, planned{span: span{s.Cond.Pos(), s.Cond.End()}, before: l.err.Name() + " != nil"})
				if reason := l.failure(s.Body); reason != "" {
					return reason
				}
				if ended {
					return ""
				}
				if i+1 < len(stmts) {
					if t, ok := stmts[i+1].(*ast.IfStmt); ok && t.Init == nil && t.Else == nil && isEOF(info, t.Cond, l.err) {
						l.plan = append(l.plan, planned{span: p.lines(l.f, span{t.Pos(), t.End()})})
						return l.atEOF(t.Body)
					}
				}
				return "io.EOF is not checked after the other errors"
			}
		case *ast.SwitchStmt:
			if reason, ok := l.switched(p, s); ok {
				return reason
			}
		}
		if !ended {
			return "the next statement does not check the error of Recv"
		}
		if reason := l.before(stmt); reason != "" {
			return reason
		}
	}
	return "an error of Recv does not end the loop"
}

// before checks a statement between the test for the end and that of other
// errors.
func (l *recvLoop) before(stmt ast.Stmt) string {
	reason := ""
	ast.Inspect(stmt, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BranchStmt:
			if n.Tok == token.CONTINUE || n.Tok == token.GOTO {
				reason = "an error of Recv does not end the loop"
			}
		case *ast.Ident:
			if l.f.pkg.Info.Uses[n] == l.err && assigned(l.f, n) {
				reason = "the error of Recv is replaced before it is checked"
			}
		}
		return true
	})
	return reason
}

// switched looks at "switch err { case nil: … case io.EOF: … default: … }" and
// at the same without a tag. It reports whether s is one.
func (l *recvLoop) switched(p *program, s *ast.SwitchStmt) (string, bool) {
	if s.Init != nil {
		return "", false
	}
	info := l.f.pkg.Info
	var eof, fail *ast.CaseClause
	for _, stmt := range s.Body.List {
		c := stmt.(*ast.CaseClause)
		var cond ast.Expr
		if len(c.List) > 1 {
			return "", false
		}
		if len(c.List) == 1 {
			cond = c.List[0]
		}
		switch {
		case s.Tag != nil && uses(info, s.Tag) != l.err:
			return "", false
		case cond == nil:
			if fail == nil && s.Tag != nil {
				fail = c
			}
		case s.Tag != nil && isIOEOF(info, cond), s.Tag == nil && isEOF(info, cond, l.err):
			eof = c
		case s.Tag != nil && info.Types[cond].IsNil():
		case s.Tag == nil && isFailure(info, cond, l.err):
			fail = c
			if eof == nil {
				return "the end of the stream is handled like an error", true
			}
		case s.Tag == nil && isNoError(info, cond, l.err):
		default:
			return "", false
		}
	}
	if eof == nil {
		return "", false
	}
	if fail == nil {
		return "an error of Recv does not end the loop", true
	}
	if reason := l.atEOF(&ast.BlockStmt{Lbrace: eof.Colon, List: eof.Body, Rbrace: eof.End()}); reason != "" {
		return reason, true
	}
	l.plan = append(l.plan, planned{span: p.lines(l.f, span{eof.Pos(), eof.End()})})
	return l.failure(&ast.BlockStmt{Lbrace: fail.Colon, List: fail.Body, Rbrace: fail.End()}), true
}

// failure looks at what is done with an error.
func (l *recvLoop) failure(body *ast.BlockStmt) string {
	goesOn := !l.leaves(body.List)
	for _, stmt := range body.List {
		ast.Inspect(stmt, func(n ast.Node) bool {
			if b, ok := n.(*ast.BranchStmt); ok && (b.Tok == token.GOTO || b.Tok == token.CONTINUE && targetOf(l.f, b) == l.loop) {
				goesOn = true
			}
			return true
		})
	}
	if goesOn {
		return "an error of Recv does not end the loop"
	}
	l.fail = body.List
	return ""
}

// header returns the edits that make of the loop a range over seq.
func (l *recvLoop) header(p *program, before string, seq span, after string) []planned {
	tok := l.recv.Tok.String()
	names := make([]string, 2)
	for i, e := range l.recv.Lhs {
		names[i] = p.text(l.f, e)
	}
	edits := append([]planned{
		{span: span{l.loop.For, l.loop.Body.Lbrace}, before: "for " + strings.Join(names, ", ") + " " + tok + " range " + before, moved: seq, after: after + " "},
		{span: p.lines(l.f, span{l.recv.Pos(), l.recv.End()})},
	}, l.plan...)
	if l.eof != (span{}) {
		e := planned{span: span{l.loop.End(), l.loop.End()}, before: "\n", moved: l.eof}
		if l.wrap {
			e.before, e.after = "\n{\n", "\n}"
		}
		edits = append(edits, e)
	}
	if label, ok := l.stmt.(*ast.LabeledStmt); ok && !l.labelUsed(label) {
		edits = append(edits, planned{span: p.lines(l.f, span{label.Pos(), label.Colon + 1})})
	}
	return edits
}
