package contract

// An exception is a promise that does not hold over some wires, with the reason. It is
// listed below the table.
type exception struct {
	wires []string
	tests string // a regular expression of their full names
	why   string
	kind  kind
}

// kind is how the tests of an exception are recognized.
type kind int

const (
	fails   kind = iota // they fail, each of them
	hangs               // they fail, and may crash the process: each alternative is run alone
	skipped             // testdata's start skips them
	leftOut             // they are not run
	differs             // they pass, because they expect the difference
)

// bidi matches tests of bidirectional calls.
const bidi = `bidirectional|^TestAConversation|^TestCloseReleases|^TestResponsesOfA|^TestAHandlerSelects|^TestSendLearns|^TestASendThat` +
	`|^TestAFailureThatHad|^TestBothSides|^TestAWaitingProducer|^TestAParked|^TestAProducersNext|^TestAProducersPanicGoesOnAtACaller` +
	`|^TestAHandlerWhoseClientIsSilent|^TestAPanicOfAnInt|^TestAGoexitOfAnInt|^TestRequestsWithinLeaves|^TestAChanLeaves|^TestADeadlineOfAConv` +
	`|^Fuzz|^TestSilenceEndsTheRequests|^TestAStreamIsKeptOpen|^TestABrokenEnvironment|^TestAGatewayOutlives|^TestAConnectionThatDelays|^TestTheGoroutineOfTheFirst|^TestASequenceMayBeRangedBy|^TestAStubIsAn`

var exceptions = []exception{
	{http1, bidi, "bidirectional calls need HTTP/2: over HTTP/1.1 they are Unimplemented", leftOut},
	{every, `^TestStatsHandlers|^TestAStatsHandler|^TestCompression|^TestRetry|^TestGrpcShows|^TestGoAway|^TestAReusedMessageHasNothing|^TestASentMessageMayBeUsedAgain/(kept|vtcodec|seen)|^TestTheLimitsAreOptions`,
		"stats handlers, retries, keepalive and codecs belong to grpc: connect has its own", skipped},
	{local, `^TestAConnection|^TestAServerThatIsNotThere`, "within a process, there is no connection to lose", skipped},
	{every, `^TestACallOnAClosed|/client_closed$|/the_connection_closes$`, "a connection of gohostconnect has no Close", fails},
	{local, `^TestAConversationKeepsWhatHadArrivedAtItsEnd/the_handler_(had_ended_well|continues)`, "within a process, everything that has arrived is received", fails},
	{local, `^TestAMessageOverALimit.*/what_the_server_sends$|^TestRequestsYieldTheirErrorAgain`, "within a process, only calls limit sizes: a server has no limits", fails},
	{local, `^TestStopEndsOpenStreams|^TestGracefulStop|^TestTheEndOfACallDoesNotWaitForItsProducer/.*/server_stops|^TestTheEndOfACallDoesNotWaitForItsProducer/.*/connection_lost|^TestAGatewayPassesOnTheEndOfItsUpstream/.*/upstream_dies|^TestSendLearnsOfTheEnd/the_server_stops`, "within a process, there is no server to stop and no connection to lose", hangs},
	{local, `^TestAConversationOverAConnectionIsInStep|^TestASentMessageMayBeUsedAgain/as_it_comes|^TestASentMessageMayBeUsedAgain/compressed|^TestACallIsOverWhenItsErrorIsSeen/bidirectional/half-close|^TestAProducersErrorWinsOverAnEndThatAnInterceptorMadeGood/bidirectional`,
		"within a process, nothing is buffered: a message is sent when it is received", hangs},
	{onHTTP, `^TestAServerThatAnswersTwice`, "if a client gets two answers or none, the code is Unimplemented, as in gRPC's specification; grpc-go returns Internal", differs},
	{http1, `^TestTheEndOfACallDoesNotWaitForItsProducer/client_streaming/(connection_lost|server_stops|answer)`,
		"over HTTP/1.1, a client learns of a lost connection only when it sends, since net/http waits for its request; a handler learns that its client has gone only when it receives; an early answer takes up to 50 ms", fails},
	{http1, `^TestAGatewayPassesOnTheEndOfItsUpstream/client_streaming/upstream_dies`,
		"a gateway that waits for its own client over HTTP/1.1 does not learn that its upstream has gone", hangs},
	{onHTTP, `^TestTheServerSeesCanceledWhenALoopIsLeft/bidirectional`,
		"in a bubble, a server that sends without a pause leaves no time for net/http: TestLeavingAFlood of gohostconnect uses real connections", leftOut},
	{onHTTP, `^TestAServerStreamingMethodWaits|^TestACallIsOverWhenItsErrorIsSeen/server_streaming/half-close|^TestACallIsOverWhenItsErrorIsSeen/server_streaming/receive`,
		"connect opens a server-streaming call with its request, and SendMsg returns when the response begins", hangs},
}
