package main

const (
	client   = "stub/client.go"
	call     = "stub/call.go"
	producer = "stub/producer.go"
	produce  = "stub/produce.go"
	requests = "stub/requests.go"
	server   = "stub/server.go"
	failures = "stub/errors.go"
)

var stubBugs = []bug{
	// The client.
	{"error swallowed", client, "if err != nil {\n\t\t\tyield(none, err)\n\t\t}\n\t}\n}\n\n// ClientStreaming", "}\n}\n\n// ClientStreaming"},
	{"error of a bidirectional call swallowed", client, "if err != nil && !left {", "if false && err != nil && !left {"},
	{"EOF instead of a status", call, "\tc.ended = true\n\treturn c.route.asStatus(err)", "\tc.ended = true\n\treturn io.EOF"},
	{"no cancel on break", call, "\tc.cancel()\n\tfor", "\tfor"},
	{"no drain", call, "!c.ended; {", "false; {"},
	{"drain ends at a second answer", call, "if isTooMany(err)", "if false"},
	{"message reused unasked", client, "if first || !c.reuse {", "if first {"},
	{"reuse refused", client, "if first || !c.reuse {", "if first || true {"},
	{"early answer lost", client, "if err == nil || err == io.EOF {\n\t\terr = c.answer(res, err)", "if err == nil {\n\t\terr = c.answer(res, err)"},
	{"no status for an error of sending", failures, "if err == nil || err == io.EOF {\n\t\treturn err", "if true {\n\t\treturn err"},
	{"no status for an error of an interceptor", failures, "\treturn statusError{err}", "\treturn err"},
	{"header after the first message", client, "if err := c.handOverHeader(); err != nil {\n\t\treturn false, err\n\t}", ""},
	// The producer of requests.
	{"send all before reading", producer, "go func() {", "func() {"},
	{"no half-close", producer, "err = c.closeSend()", "err = nil"},
	{"no half-close of a client-streaming call", client, "err = c.closeSend()", "err = nil"},
	{"producer's error turned into a half-close", producer, "\t\t\tp.end(err, nil)\n\t\t\tc.cancel()", "\t\t\t_ = c.closeSend()"},
	{"producer's error turned into a half-close, client streaming", client, "if err == nil || err == io.EOF {\n\t\terr = c.answer(res, err)", "if err != io.EOF {\n\t\terr = nil\n\t}\n\tif err == nil || err == io.EOF {\n\t\terr = c.answer(res, err)"},
	{"producer's error forgotten", client, "if failed != nil {", "if false {"},
	{"producer's panic forgotten", client, "if raise != nil {", "if false {"},
	{"producer's panic does not cancel", producer, "{ raise(r) }) {\n\t\t\t\tc.cancel()", "{ raise(r) }) {"},
	// The server.
	{"handler's error dropped", server, "\t}\n\treturn err\n}", "\t}\n\treturn nil\n}"},
	{"end with the context is a clean end", server, "if err == nil && ss.Context().Err() != nil {", "if false {"},
	{"fresh context handed to the handler", server, "method(ss.Context(), req)", "method(context.Background(), req)"},
	{"fresh context handed to a bidirectional handler", server, "method(ss.Context(), reqs.all))\n}\n\n// respond", "method(context.Background(), reqs.all))\n}\n\n// respond"},
	{"requests alive after the handler's return", requests, "{ r.closed.Store(true) }", "{}"},
	{"requests not looked at after a wait", requests, "err = r.ss.RecvMsg(req)\n\t// It may have waited for a long time.\n\tif r.closed.Load() {", "err = r.ss.RecvMsg(req)\n\tif false {"},
	{"requests' error forgotten", requests, "\t\tr.err = err\n", ""},
	{"requests not locked", requests, "\tr.mu.Lock()\n\tdefer r.mu.Unlock()\n", ""},
	{"requests reused unasked", requests, "if r.reused != nil {\n\t\treq = *r.reused", "if r.reused == nil {\n\t\tx := newMessage[Req]()\n\t\tr.reused = &x\n\t}\n\tif true {\n\t\treq = *r.reused"},
	{"method without a message or an error", server, "case any(res) == any(none):", "case false && any(res) == any(none):"},
	// The guard of yield.
	{"no guard on yield", produce, "if g.ended {", "if false {"},
	{"no guard against two goroutines", produce, "g.overlap.Load()", "false"},
	{"unwinding not recovered", produce, "r := recover()", "r := any(nil)"},
	{"unwinding stops at the inner sequence", produce, "case u.frames > 1:", "case false:"},
	{"a user's panic taken for an unwinding", produce, "\tcase !ok:\n\t\tpanic(r)\n", "\tcase !ok:\n"},
	{"nil sequence ranged", produce, "if seq == nil {", "if false {"},
	{"nil message sent", produce, "case any(msg) == any(zero):", "case false && any(msg) == any(zero):"},
	{"io.EOF taken for an end", failures, "case err == io.EOF:\n\t\treturn misuse(method, \"the error is io.EOF", "case false:\n\t\treturn misuse(method, \"the error is io.EOF"},
	{"error with the status OK sent", failures, "case status.Code(err) == codes.OK:", "case false:"},
	{"yield true after an error of sending", produce, "return err == nil\n}", "return true\n}"},
}
