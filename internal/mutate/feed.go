package main

const (
	feedTail     = "examples/feed/tail.go"
	feedFollow   = "examples/feed/feed.go"
	feedOlder    = "examples/feed/older.go"
	feedPosition = "examples/feed/position.go"
	feedServer   = "examples/feed/server.go"
	feedServe    = "examples/feed/serve.go"
	feedCall     = "examples/feed/call.go"
	feedEngine   = "examples/feed/engine.go"
)

// feedBugs are the bugs of examples/feed, a module of its own.
var feedBugs = []bug{
	// Positions.
	{"any text is a position", feedPosition, " || p.String() != position", ""},
	{"a position does not depend on its stream", feedTail, "\tcase p.made != t.made && p.seq > 0:", "\tcase false:"},
	{"the zero position belongs to one stream", feedTail, "p.made != t.made && p.seq > 0", "p.made != t.made"},
	{"a position beyond the end waits forever", feedOlder, "last < at.seq {", "last < at.seq && false {"},
	{"a position of a faster server is refused", feedOlder, "last < at.seq {", "last <= at.seq+1 {"},
	{"a position that is no longer kept is accepted", feedOlder, "at.seq > 0 && at.seq+1 < oldest", "false"},
	{"the position is dropped", feedServer, "at, err = parsePosition(after); err != nil", "_, err = parsePosition(after); err != nil"},
	// No gap.
	{"the tail hides a gap", feedTail, "\t\tt.first = e.seq\n", ""},
	{"the tail takes an event twice", feedTail, "\tcase e.seq < t.next:\n\t\treturn // the tail has it\n", ""},
	{"the tail is longer than its ring", feedTail, "\tt.first = max(t.first, t.next-min(t.next, length))\n", ""},
	{"the tail of another stream", feedTail, "t.made != made || t.next < oldest", "t.next < oldest"},
	{"the tail continues before the oldest event", feedTail, "t.made != made || t.next < oldest", "t.made != made"},
	{"the tail starts over each time", feedTail, "t.made != made || t.next < oldest", "true"},
	{"the tail begins at the end", feedTail, "last+1-min(last, uint64(len(t.ring)))", "last+1"},
	{"the tail wakes no subscriber", feedTail, "\tt.next = e.seq + 1\n\tt.first = max(t.first, t.next-min(t.next, length))\n\tt.wake()\n", "\tt.next = e.seq + 1\n\tt.first = max(t.first, t.next-min(t.next, length))\n"},
	{"a batch has no end", feedTail, "n < min(t.next, want+batch)", "n < t.next"},
	{"older events are skipped", feedTail, "\tcase want < t.first:\n\t\treturn nil, behind, nil, nil\n", "\tcase want < t.first:\n\t\tp.seq = t.first - 1\n\t\twant = t.first\n"},
	{"older events have gaps", feedOlder, "if next != 1 && msg.Sequence != next {", "if false && next != 1 {"},
	{"deleted events are a silent gap", feedOlder, "return []event{{at, &feedpb.Event{Position: at.String(), Deleted: deleted}}}, nil", "_ = feedpb.Event{}\n\t\treturn f.older(ctx, at)"},
	{"lost events count as deleted", feedOlder, "deleted > 0 && deleted == found-at.seq-1", "found > 0 && at.seq > 0"},
	{"an emptied feed is not checked again", feedOlder, "at.seq == 0 && f.tail.forget(oldest)", "false"},
	{"a subscriber stays where it was", feedFollow, "\t\t\t\tat = e.place\n", ""},
	// The engine.
	{"an engine that is away does not fail calls", feedFollow, "\t\t\tf.tail.setAway(unavailable(err))\n", ""},
	{"a short absence of the engine is noticed", feedFollow, "time.Since(seen) >= f.patience", "time.Since(seen) >= 0"},
	{"an engine that is back stays away", feedFollow, "\tf.tail.setAway(nil)\n", ""},
	{"an engine is lost only once", feedFollow, "for ok := true; ok; ok = sleep(ctx, pause) {", "for ok := true; ok; ok = sleep(ctx, pause) && false {"},
	{"a lost connection is not noticed", feedFollow, "cancel(nats.ErrDisconnected) })", "})"},
	{"the connection gives up", feedEngine, "\t\tnats.MaxReconnects(-1),\n", "\t\tnats.MaxReconnects(1),\n"},
	{"a lost stream is not created again", feedFollow, "!errors.Is(err, jetstream.ErrStreamNotFound)", "f.tail.at(0).made != 0 || !errors.Is(err, jetstream.ErrStreamNotFound)"},
	{"the engine keeps everything", feedFollow, "\t\tMaxMsgs:     f.keep,\n", ""},
	{"the engine has no batches", feedFollow, "\t\tAllowDirect: true,            // any node may be asked for older events\n", ""},
	{"ids are not used", feedFollow, "jetstream.WithMsgID(id), ", ""},
	{"an event without an id", feedServer, "if req.GetId() == \"\" {", "if false {"},
	{"a duplicate is not reported", feedServer, ", Duplicate: duplicate}", ", Duplicate: false && duplicate}"},
	{"an event that is too large may be retried", feedFollow, "errors.Is(err, nats.ErrMaxPayload)", "false"},
	{"a subscriber reads the engine itself", feedFollow, "func (f *feed) after(ctx context.Context, at place) ([]event, error) {\n", "func (f *feed) after(ctx context.Context, at place) ([]event, error) {\n\tif store, err := f.store(ctx); err == nil {\n\t\t_, _ = store.CreateConsumer(ctx, jetstream.ConsumerConfig{})\n\t}\n"},
	// The end of a server.
	{"a handler does not know of the end", feedServer, "drain.Context(ctx)", "func() context.Context { _ = drain.Context; return ctx }()"},
	{"a handler waits after its end", feedFollow, "\t\tcase <-ctx.Done():\n\t\t\treturn nil, ctx.Err()\n\t\t}\n\t}\n}", "\t\t}\n\t}\n}"},
	{"a server that stops before it has started ends with an error", feedServe, "if ctx.Err() != nil && err != nil {", "if false {"},
	{"no maximum age", feedServe, ", MaxAge: o.maxAge", ""},
	// The client.
	{"the client starts over each time", feedCall, "After: cmp.Or(last, after)", "After: cmp.Or(after, last[:0])"},
	{"the client begins at the oldest event", feedCall, "cmp.Or(last, after)", "cmp.Or(last, after[:0])"},
	{"the client does not wait for a server", feedCall, ".With(grpc.WaitForReady(true))", ""},
	{"the publisher does not retry", feedCall, "\t\tgrpc.WithDefaultServiceConfig(retryPublish),\n", ""},
	{"Ctrl+C is an error", feedCall, "\t\tif ctx.Err() != nil {\n", "\t\tif false {\n"},
}
