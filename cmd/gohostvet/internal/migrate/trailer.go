package migrate

import (
	"go/ast"
)

// A trailer is what calls of Trailer become: a variable that grpc writes.
type trailer struct {
	f     *file
	calls []*ast.CallExpr
	name  string
}

// options returns the option that writes the trailer, "" if nobody reads it.
func (t *trailer) option(plan *plan, in ast.Node) string {
	if len(t.calls) == 0 {
		return ""
	}
	h := &handler{p: plan.p, plan: plan, f: t.f, decl: t.f.enclosing(in)}
	t.name = h.fresh("trailer", "trailerMD", "responseTrailer")
	return plan.packageName(t.f, "google.golang.org/grpc", "grpc", h.decl, nil) + ".Trailer(&" + t.name + ")"
}

// declare plans the variable, before stmt, and its uses.
func (t *trailer) declare(plan *plan, stmt, in ast.Node) {
	if len(t.calls) == 0 {
		return
	}
	metadata := plan.packageName(t.f, "google.golang.org/grpc/metadata", "metadata", t.f.enclosing(in), nil)
	plan.replace(t.f, stmt.Pos(), stmt.Pos(), "var "+t.name+" "+metadata+".MD\n")
	for _, call := range t.calls {
		plan.replace(t.f, call.Pos(), call.End(), t.name)
	}
}
