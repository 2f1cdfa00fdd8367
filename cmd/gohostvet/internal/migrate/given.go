package migrate

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// needs are what a function does with the stream of a handler that it is given.
type needs struct {
	ctx, send, recv bool
	reqs            bool // it ranges the requests
}

func (n *needs) add(m needs) {
	n.ctx, n.send, n.recv, n.reqs = n.ctx || m.ctx, n.send || m.send, n.recv || m.recv, n.reqs || m.reqs
}

// parts are the names of what takes the place of a stream.
type parts struct{ ctx, send, recv, reqs string }

// arguments returns what takes the place of the stream.
func (n needs) arguments(names parts) string {
	var args []string
	for _, arg := range []struct {
		is   bool
		name string
	}{{n.ctx, names.ctx}, {n.send, names.send}, {n.recv, names.recv}, {n.reqs, names.reqs}} {
		if arg.is {
			args = append(args, arg.name)
		}
	}
	return strings.Join(args, ", ")
}

// A gift is a call by which a handler gives its stream to a function.
type gift struct {
	*handing
	needs needs
}

// message returns the type of the messages of the parameter's method Send or Recv.
func (h *handing) message(method string) types.Type {
	sig := methodNamed(h.param.Type(), method)
	if method == "Send" {
		return sig.Params().At(0).Type()
	}
	return sig.Results().At(0).Type()
}

// needsOf returns what h.to does with the stream, or why it cannot be given something
// else. Functions that are in seen are looked at.
func (p *program) needsOf(h *handing, seen ...*declared) (needs, string) {
	var n needs
	if slices.Contains(seen, h.to) {
		return n, ""
	}
	if reason := p.unfit(h); reason != "" {
		return n, reason
	}
	f := h.to.file
	in := &handler{p: p, f: f, decl: h.to.decl}
	for _, id := range usesOf(f, h.param) {
		sel, ok := f.parent(id).(*ast.SelectorExpr)
		if !ok {
			further, reason := p.givingOf(f, id)
			if reason == "" {
				var m needs
				m, reason = p.needsOf(further, append(seen, h.to)...)
				if reason == "" && (m.send || slices.Contains(append(seen, h.to), further.to)) {
					var places []place
					places, reason = in.placesOf(further.call)
					in.places = append(in.places, places...)
				}
				n.add(m)
			}
			if reason != "" {
				return n, h.inside(reason)
			}
			continue
		}
		call, _ := methodCall(f, id)
		if call == nil && sel.Sel.Name != "Send" && sel.Sel.Name != "Recv" {
			return n, h.inside(sel.Sel.Name + " of the stream is used as a value")
		}
		switch p.meant(f, sel, h.param) {
		case "Send":
			places, reason := in.placesOfFunc(sel)
			if reason != "" {
				return n, h.inside(reason)
			}
			in.places = append(in.places, places...)
			n.send = true
		case "Recv":
			if p.loopOf(f, call) != nil {
				n.reqs = true
			} else {
				n.recv = true
			}
		case "RecvMsg":
			if raw := p.rawReceiptOf(f, call, h.param); raw == nil || raw.other {
				return n, h.inside(useRecv)
			}
			n.recv = true
		case "Context", "SetHeader", "SendHeader", "SetTrailer":
			n.ctx = true
		default:
			return n, h.inside(sel.Sel.Name + " of the stream is used")
		}
	}
	if reason := exclusive(in.places); reason != "" {
		return n, h.inside(reason)
	}
	if n == (needs{}) && len(seen) == 0 {
		return n, "the stream is passed to " + h.name() + ", which does nothing with it"
	}
	return n, ""
}

// loopOf returns the loop over the requests that call, a Recv, becomes, nil if there is none.
func (p *program) loopOf(f *file, call *ast.CallExpr) *recvLoop {
	if call == nil {
		return nil
	}
	assign, ok := f.parent(call).(*ast.AssignStmt)
	if !ok {
		return nil
	}
	loop, reason := p.recvLoopOf(f, assign)
	if reason != "" {
		return nil
	}
	return loop
}

// give plans the change of the function that g calls, and of the call.
func (h *handler) give(g gift, names parts) {
	h.plan.replace(h.f, g.arg.Pos(), g.arg.End(), g.needs.arguments(names))
	to := g.sharedBy(h.plan, h.method)
	if to == nil {
		return
	}
	in := to.plan
	name := func(base string) string { return h.p.newName(to.f, g.to.decl.Body, g.param, base) }
	var params []string
	if g.needs.ctx {
		names.ctx = name("ctx")
		params = append(params, names.ctx+" "+to.name("context", "context")+".Context")
	}
	if g.needs.send {
		names.send = name("send")
		params = append(params, names.send+" func("+to.typeName(g.message("Send"))+") error")
	}
	if g.needs.recv {
		names.recv = name("recv")
		params = append(params, names.recv+" func() ("+to.typeName(g.message("Recv"))+", error)")
	}
	if g.needs.reqs {
		names.reqs = name("reqs")
		params = append(params, names.reqs+" "+to.name("iter", "iter")+".Seq2["+to.typeName(g.message("Recv"))+", error]")
	}
	in.replace(to.f, g.field.Pos(), g.field.Type.End(), strings.Join(params, ", "))
	for _, id := range usesOf(to.f, g.param) {
		sel, ok := to.f.parent(id).(*ast.SelectorExpr)
		if !ok {
			further, _ := h.p.givingOf(to.f, id)
			n, _ := h.p.needsOf(further)
			to.give(gift{further, n}, names)
			continue
		}
		call, _ := methodCall(to.f, id)
		switch h.p.meant(to.f, sel, g.param) {
		case "Send":
			in.replace(to.f, sel.Pos(), sel.End(), names.send)
		case "Recv":
			loop := h.p.loopOf(to.f, call)
			if loop == nil {
				in.replace(to.f, sel.Pos(), sel.End(), names.recv)
				break
			}
			for _, e := range loop.header(h.p, names.reqs, span{}, "") {
				in.add(to.f, e)
			}
		case "RecvMsg":
			h.p.rawReceiptOf(to.f, call, g.param).change(in, to.f, names.recv, to.typeName(g.message("Recv")))
		case "Context":
			in.replace(to.f, call.Pos(), call.End(), names.ctx)
		default:
			to.setsMetadata(call, names.ctx)
		}
	}
}

// doubtsOfGifts returns what the functions that are given the stream do that would mean
// something else, or "".
func (h *handler) doubtsOfGifts() string {
	for _, g := range h.gifts {
		if g.needs.send && !h.returned(g.call) {
			if reason := h.doubt(sendDoubt, sendNote); reason != "" {
				return reason
			}
		}
		if reason := h.doubtsOf(g.handing, make(map[*declared]bool)); reason != "" {
			return reason
		}
	}
	return ""
}

func (h *handler) doubtsOf(g *handing, seen map[*declared]bool) string {
	if seen[g.to] {
		return ""
	}
	seen[g.to] = true
	to := &handler{p: h.p, f: g.to.file, decl: g.to.decl, loops: make(map[*ast.CallExpr]*recvLoop)}
	for _, id := range usesOf(to.f, g.param) {
		passes := true
		if sel, ok := to.f.parent(id).(*ast.SelectorExpr); !ok {
			further, _ := h.p.givingOf(to.f, id)
			n, _ := h.p.needsOf(further)
			passes = !n.send || to.returned(further.call)
			if reason := h.doubtsOf(further, seen); reason != "" {
				return reason
			}
		} else if h.p.meant(to.f, sel, g.param) == "Send" {
			if to.sendsNil(sel) {
				return g.inside("Send is called with nil")
			}
			passes = to.passesOn(sel)
		} else if call, name := methodCall(to.f, id); name == "Recv" {
			if loop := h.p.loopOf(to.f, call); loop != nil {
				to.loops[call] = loop
			}
		}
		if !passes {
			if reason := h.doubt(sendDoubt, sendNote); reason != "" {
				return reason
			}
		}
	}
	if to.returnsEOF() {
		return h.doubt(eofDoubt, eofNote)
	}
	return ""
}
