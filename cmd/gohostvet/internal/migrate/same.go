package migrate

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
)

// sameHandling reports whether a does with the error errA what b does with errB.
func (p *program) sameHandling(f *file, a []ast.Stmt, errA types.Object, b []ast.Stmt, errB types.Object) bool {
	if len(a) == 0 || len(b) == 0 || branches(f, a) || branches(f, b) {
		return false
	}
	x, y := p.words(f, a, errA), p.words(f, b, errB)
	return slices.Equal(x, y)
}

// endAlike reports whether a and b go on in the same way, whatever they say: both
// end the program, or both return, with nil in the same places.
func endAlike(f *file, a, b []ast.Stmt) bool {
	if len(a) == 0 || len(b) == 0 || branches(f, a) || branches(f, b) {
		return false
	}
	x, y := a[len(a)-1], b[len(b)-1]
	returnX, okX := x.(*ast.ReturnStmt)
	returnY, okY := y.(*ast.ReturnStmt)
	if !okX || !okY {
		fatal := func(s ast.Stmt) bool { return ends(f.pkg.Info, s) || isRequire(f.pkg.Info, s, nil) }
		return okX == okY && fatal(x) && fatal(y)
	}
	isNil := func(e ast.Expr) bool { return f.pkg.Info.Types[e].IsNil() }
	return slices.EqualFunc(returnX.Results, returnY.Results, func(x, y ast.Expr) bool { return isNil(x) == isNil(y) })
}

const unlike = "an error of opening the call is handled differently from others: the code goes on elsewhere"

// branches reports whether stmts leave a loop or clause that they are in.
func branches(f *file, stmts []ast.Stmt) bool {
	found := false
	for _, s := range stmts {
		ast.Inspect(s, func(n ast.Node) bool {
			if b, ok := n.(*ast.BranchStmt); ok {
				if t := targetOf(f, b); t == nil || !isIn(t, s) {
					found = true
				}
			}
			return !found
		})
	}
	return found
}

// A word is a token of a piece of source, and what it refers to outside of it.
type word struct {
	text string
	obj  types.Object
}

func (p *program) words(f *file, stmts []ast.Stmt, err types.Object) []word {
	from, to := stmts[0].Pos(), stmts[len(stmts)-1].End()
	objects := make(map[int]types.Object)
	for _, s := range stmts {
		ast.Inspect(s, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			obj := f.pkg.Info.Uses[id]
			if obj != nil && (obj.Pos() < from || obj.Pos() >= to) {
				objects[p.fset.PositionFor(id.Pos(), false).Offset] = obj
			}
			return true
		})
	}
	src := []byte(p.slice(f, from, to))
	start := p.fset.PositionFor(from, false).Offset
	files := token.NewFileSet()
	tokens := files.AddFile("", files.Base(), len(src))
	var s scanner.Scanner
	s.Init(tokens, src, nil, 0)
	var words []word
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return words
		}
		if tok == token.SEMICOLON {
			lit = ";"
		}
		if lit == "" {
			lit = tok.String()
		}
		w := word{text: lit, obj: objects[start+tokens.Offset(pos)]}
		if w.obj == err && err != nil {
			w = word{text: "the error"}
		}
		words = append(words, w)
	}
}
