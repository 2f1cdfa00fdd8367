package main

const (
	talk  = "stream/conversation.go"
	topic = "stream/topic.go"
)

var streamBugs = []bug{
	{"Close does not cancel", talk, "\tc.cancel()\n\t<-c.ended", "\t<-c.ended"},
	{"Close does not wait", talk, "\t<-c.ended\n\tc.raise()", "\t_ = c.raise"},
	{"Close is a clean end of the requests", talk, "\t\t\tvar none Req\n\t\t\tyield(none, c.canceled())\n", ""},
	{"CloseSend does not end the requests", talk, "\t\tcase <-c.sent:\n\t\t\treturn\n", ""},
	{"method's panic swallowed", talk, "once.Do(func() { raise(r) })", "_, _ = &once, r"},
	{"slow subscriber not ended", topic, "&& t.slow == EndSlow", "&& false"},
	{"slow subscriber reads what is overwritten", topic, "*at = t.next - queue", "*at = t.next - queue - 1"},
	{"subscribers not woken", topic, "\tt.next++\n\tt.wake()", "\tt.next++"},
	{"subscription outlives its context", topic, "\t\tif err := ctx.Err(); err != nil {\n\t\t\treturn event, false, err\n\t\t}\n", ""},
}
