// Package flow follows the control flow of a function.
package flow

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/cfg"
)

// Of returns the control flow of the function f, a declaration or a literal, or
// nil if it has no body.
func Of(cfgs *ctrlflow.CFGs, f ast.Node) *cfg.CFG {
	switch f := f.(type) {
	case *ast.FuncDecl:
		return cfgs.FuncDecl(f)
	case *ast.FuncLit:
		return cfgs.FuncLit(f)
	}
	return nil
}

// Body returns the body of the function f, or nil.
func Body(f ast.Node) *ast.BlockStmt {
	switch f := f.(type) {
	case *ast.FuncDecl:
		return f.Body
	case *ast.FuncLit:
		return f.Body
	}
	return nil
}

// Step says what to do at a place that control may reach.
type Step int

// The steps that a visitor returns.
const (
	GoOn  Step = iota // continue after this place
	Stop              // do not continue after this place
	Found             // the search is over
)

// After reports whether control may get from the statement at pos to a node for
// which node returns Found, or to a block for which block returns true. Either
// may be nil.
func After(g *cfg.CFG, pos token.Pos, block func(*cfg.Block) bool, node func(ast.Node) Step) bool {
	for _, b := range g.Blocks {
		for i, n := range b.Nodes {
			if n.Pos() <= pos && pos < n.End() {
				return follow(b, i+1, block, node)
			}
		}
	}
	return false
}

// From is After from the beginning of the block b.
func From(b *cfg.Block, node func(ast.Node) Step) bool { return follow(b, 0, nil, node) }

func follow(b *cfg.Block, first int, block func(*cfg.Block) bool, node func(ast.Node) Step) bool {
	seen := make(map[*cfg.Block]bool)
	// look visits the nodes of b from the first one on, and adds the successors of b.
	var todo []*cfg.Block
	look := func(b *cfg.Block, first int) bool {
		for _, n := range b.Nodes[first:] {
			if node == nil {
				break
			}
			switch node(n) {
			case Found:
				return true
			case Stop:
				return false
			}
		}
		todo = append(todo, b.Succs...)
		return false
	}
	found := look(b, first)
	for !found && len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		if seen[next] {
			continue
		}
		seen[next] = true
		if block != nil && block(next) {
			return true
		}
		found = look(next, 0)
	}
	return found
}
