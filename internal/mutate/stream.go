package main

const (
	talk      = "stream/conversation.go"
	method    = "stream/method.go"
	topic     = "stream/topic.go"
	ring      = "stream/ring.go"
	sequences = "stream/sequences.go"
	scope     = "stream/scope.go"
)

var streamBugs = []bug{
	// Conversations.
	{"Close does not cancel", talk, "\tc.cancel()\n\tc.awaitEnd()", "\tc.awaitEnd()"},
	{"Close does not wait", talk, "\tc.cancel()\n\tc.awaitEnd()", "\tc.cancel()"},
	{"Close collects", talk, "\tc.refusing, c.collected = true, nil\n", ""},
	{"Close is a clean end of the requests", method, "\t\t\tvar none Req\n\t\t\tyield(none, c.canceled())\n", ""},
	{"CloseSend does not end the requests", method, "\t\tcase <-c.sent:\n\t\t\treturn\n", ""},
	{"method's panic swallowed", method, "once.Do(func() { caught.Raise(r) })", "_, _ = &once, r"},
	{"no error after a panic", method, "c.end(status.Error(codes.Internal, \"stream: the method given to Open panicked\"), ", "c.end(nil, "},
	{"method's context goes on at the end", method, "\t\tc.cancel()\n\t\tclose(c.ended)", "\t\tclose(c.ended)"},
	{"nil sequence dereferenced", method, "\tif seq == nil {", "\tif false {"},
	{"nil message sent", talk, "\tif isNil(req) {", "\tif false {"},
	{"Send not told of the end", method, "\t\tc.closeOver()\n", ""},
	{"Send believes what another call says", method, "\tif own {", "\tif own || true {"},
	{"Send waits after the context's end", talk, "\tcase <-c.over:\n\t\treturn io.EOF\n\tcase <-c.ctx.Done():\n\t\treturn io.EOF\n\t}\n}", "\tcase <-c.over:\n\t\treturn io.EOF\n\tcase <-c.ended:\n\t\treturn io.EOF\n\t}\n}"},
	{"what had arrived is dropped", method, "\tc.collected = append(c.collected, res)\n\treturn true", "\treturn false"},
	{"the context's error hides the status", talk, "\tcase <-c.ctx.Done():\n\t\tc.awaitEnd()\n", "\tcase <-c.ctx.Done():\n\t\tc.end(c.canceled(), func() {})\n"},
	{"a method that ignores its context holds Recv", talk, "\tcase <-timer.C:\n\t\tc.end(c.canceled(), func() {})\n", ""},
	// Topics.
	{"slow subscriber not ended", ring, "&& r.slow == EndSlow", "&& false"},
	{"slow subscriber reads what is overwritten", ring, "*at = r.next - queue", "*at = r.next - queue - 1"},
	{"subscribers not woken", ring, "\tr.next++\n\tr.wake()", "\tr.next++"},
	{"subscription outlives its context", ring, "\t\tif err := ctx.Err(); err != nil {\n\t\t\treturn event, false, err\n\t\t}\n", ""},
	{"queue of no event", ring, "max(opts.Queue, 1)", "opts.Queue"},
	{"zero Topic without a queue", topic, "newRing[T](TopicOptions{})", "&ring[T]{}"},
	{"closed Topic keeps its events", topic, "\tt.ring = &ring[T]{closed: true} // a later subscription is empty\n", ""},
	// Sequences and scopes.
	{"FromChan looks at ch before ctx", sequences, "\t\t\tif err := ctx.Err(); err != nil {\n\t\t\t\tvar none T\n\t\t\t\tyield(none, err)\n\t\t\t\treturn\n\t\t\t}\n\t\t\tselect {\n\t\t\tcase <-ctx.Done():\n", "\t\t\tselect {\n\t\t\tcase <-ctx.Done():\n\t\t\t\tvar none T\n\t\t\t\tyield(none, ctx.Err())\n\t\t\t\treturn\n"},
	{"Map yields a value beside the error", sequences, "\t\t\t\tvar none U\n\t\t\t\tyield(none, err)\n\t\t\t\treturn\n", "\t\t\t\tyield(mapped, err)\n\t\t\t\treturn\n"},
	{"Map goes on after an error", sequences, "\t\t\t\tvar none U\n\t\t\t\tyield(none, err)\n\t\t\t\treturn\n", "\t\t\t\tvar none U\n\t\t\t\tif !yield(none, err) {\n\t\t\t\t\treturn\n\t\t\t\t}\n\t\t\t\tcontinue\n"},
	{"scope ends behind the sequence", scope, "\t\t\t\tif !goOn { // also by a panic or Goexit of the loop\n\t\t\t\t\tcancel()\n\t\t\t\t}\n", ""},
	{"scope goes on behind the sequence", scope, "\t\tdefer cancel()\n\t\tseq := f(ctx)", "\t\tseq := f(ctx)"},
	{"scope of a nil sequence", scope, "\t\tif seq == nil {", "\t\tif false {"},
	{"scope of a result goes on", scope, "\tdefer cancel()\n\treturn f(ctx)", "\t_ = cancel\n\treturn f(ctx)"},
}
