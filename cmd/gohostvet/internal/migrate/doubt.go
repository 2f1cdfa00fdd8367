package migrate

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// doubts returns what a handler does that would mean something else in a
// sequence, or "".
func (h *handler) doubts() string {
	for _, call := range h.closes {
		if len(call.Args) == 1 && h.f.pkg.Info.Types[call.Args[0]].IsNil() {
			return "SendAndClose is called with nil"
		}
	}
	for _, sel := range h.sends {
		if h.sendsNil(sel) {
			return "Send is called with nil"
		}
		if !h.passesOn(sel) {
			if reason := h.doubt(sendDoubt, sendNote); reason != "" {
				return reason
			}
			break
		}
	}
	for _, raw := range h.raws {
		if raw.other {
			if reason := h.doubt(useRecv, typeNote); reason != "" {
				return reason
			}
		}
	}
	for _, d := range h.delegations {
		if d.ret == nil && !h.returned(d.call) {
			if reason := h.doubt(sendDoubt, sendNote); reason != "" {
				return reason
			}
		}
	}
	if reason := h.doubtsOfGifts(); reason != "" {
		return reason
	}
	if h.returnsEOF() {
		return h.doubt(eofDoubt, eofNote)
	}
	return ""
}

// sendsNil reports whether sel, a Send, is called with nil.
func (h *handler) sendsNil(sel *ast.SelectorExpr) bool {
	call, ok := h.f.parent(sel).(*ast.CallExpr)
	return ok && ast.Unparen(call.Fun) == sel && len(call.Args) == 1 && h.f.pkg.Info.Types[call.Args[0]].IsNil()
}

const (
	sendDoubt   = "an error of Send does more than end the handler"
	sendNote    = "the client gets the error of Send itself now, not what the handler makes of it"
	answerDoubt = "it returns nil without SendAndClose before: clients report an error of their own, but a gohost server answers Internal"
	answerNote  = "it returns nil without an answer: the server answers Internal now, and clients reported an error of their own before"
	typeNote    = "a request is received as its own type now; RecvMsg received it as another type"
	eofDoubt    = "the handler may return io.EOF of Recv, whose status is Unknown, but Internal in a sequence"
	eofNote     = "the handler may return io.EOF of Recv, whose status is Internal now, and was Unknown"
)

// doubt returns the reason, or notes what is other now if that is allowed.
func (h *handler) doubt(reason, note string) string {
	if !h.p.opts.Merge {
		return reason + " (-merge allows that)"
	}
	left := Left{h.decl.Name.Pos(), h.method.kind.String() + " handler", note}
	if !slices.Contains(h.plan.notes, left) {
		h.plan.notes = append(h.plan.notes, left)
	}
	return ""
}

// returnsEOF reports whether the error of a Recv or RecvMsg, of any stream, is returned and
// nowhere compared with io.EOF.
func (h *handler) returnsEOF() bool {
	found := false
	ast.Inspect(h.decl.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return !found
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Recv" && sel.Sel.Name != "RecvMsg" || h.loops[call] != nil {
			return !found
		}
		a, ok := h.f.parent(call).(*ast.AssignStmt)
		if !ok {
			_, ok := h.f.parent(call).(*ast.ReturnStmt)
			found = found || ok
			return !found
		}
		if id, ok := a.Lhs[len(a.Lhs)-1].(*ast.Ident); ok {
			if err := h.f.pkg.Info.ObjectOf(id); err != nil && h.unguarded(err) {
				found = true
			}
		}
		return !found
	})
	return found
}

// unguarded reports whether err is returned and nowhere compared with io.EOF.
func (h *handler) unguarded(err types.Object) bool {
	returned, guarded := false, false
	for _, id := range usesOf(h.f, err) {
		for up := h.f.parents[id]; up != nil && up != h.decl; up = h.f.parents[up] {
			switch up := up.(type) {
			case *ast.ReturnStmt:
				returned = true
			case *ast.BinaryExpr:
				if (up.Op == token.EQL || up.Op == token.NEQ) && (isIOEOF(h.f.pkg.Info, up.X) || isIOEOF(h.f.pkg.Info, up.Y)) {
					guarded = true
				}
			case *ast.CallExpr:
				if isEOF(h.f.pkg.Info, up, err) {
					guarded = true
				}
			case *ast.SwitchStmt:
				if up.Tag != nil && uses(h.f.pkg.Info, up.Tag) == err {
					guarded = true
				}
			}
		}
	}
	return returned && !guarded
}

// answersNil plans that the unary handler d returns an empty message where it returns
// neither a message nor an error: grpc sends an empty message for that, and package stub
// none. It returns why that cannot be, or "".
func (p *program) answersNil(plan *plan, n *node, d *declared, m *method) string {
	found := false
	h := &handler{p: p, plan: newPlan(p), f: d.file, decl: d.decl, method: m}
	for _, ret := range h.returns() {
		if len(ret.Results) == 2 && d.file.pkg.Info.Types[ret.Results[0]].IsNil() && d.file.pkg.Info.Types[ret.Results[1]].IsNil() {
			found = true
			ptr, ok := m.res.(*types.Pointer)
			if !ok || n.called || len(p.methods[p.key(d.decl.Name.Pos())]) > 0 {
				return "it is called directly and returns neither a message nor an error: grpc sends an empty message, but a gohost server answers Internal"
			}
			h.plan.replace(h.f, ret.Results[0].Pos(), ret.Results[0].End(), "new("+h.typeName(ptr.Elem())+")")
		}
	}
	if found {
		plan.merge(h.plan)
	}
	return ""
}
