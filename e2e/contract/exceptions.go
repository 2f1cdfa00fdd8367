package contract

// An exception is what does not hold over some wires, and why. It stands below the
// table.
type exception struct {
	wires []string
	tests string // a regular expression of their full names
	why   string
	kind  kind
}

// kind is how the tests of an exception are known to be ones.
type kind int

const (
	fails   kind = iota // they fail, each of them
	hangs               // likewise, and may take the process with them: each alternative is run alone
	skipped             // start of testdata has skipped them
	leftOut             // they are not run
	differs             // they hold, and say of the wire what differs
)

// bidi matches tests of bidirectional calls.
const bidi = `bidirectional|^TestAConversation|^TestCloseReleases|^TestResponsesOfA|^TestAHandlerSelects|^TestSendLearns|^TestASendThat` +
	`|^TestAFailureThatHad|^TestBothSides|^TestAWaitingProducer|^TestAParked|^TestAProducersNext|^TestAProducersPanicGoesOnAtACaller` +
	`|^TestAHandlerWhoseClientIsSilent|^TestAPanicOfAnInt|^TestAGoexitOfAnInt|^TestRequestsWithinLeaves|^TestAChanLeaves|^TestADeadlineOfAConv` +
	`|^Fuzz|^TestSilenceEndsTheRequests|^TestAStreamIsKeptOpen|^TestABrokenEnvironment|^TestAGatewayOutlives|^TestAConnectionThatDelays|^TestTheGoroutineOfTheFirst|^TestASequenceMayBeRangedBy|^TestAStubIsAn`

var exceptions = []exception{
	{http1, bidi, "bidirectional calls need HTTP/2: over HTTP/1.1 they are Unimplemented", leftOut},
	{every, `^TestStatsHandlers|^TestAStatsHandler|^TestCompression|^TestRetry|^TestGrpcShows|^TestGoAway|^TestAReusedMessageHasNothing|^TestASentMessageMayBeUsedAgain/(kept|vtcodec|seen)|^TestTheLimitsAreOptions`,
		"stats handlers, retries, keepalive and codecs are grpc's own: connect has others", skipped},
	{local, `^TestAConnection|^TestAServerThatIsNotThere`, "within a process there is no connection to lose", skipped},
	{every, `^TestACallOnAClosed|/client_closed$|/the_connection_closes$`, "a connection of gohostconnect has no Close", fails},
	{local, `^TestAConversationKeepsWhatHadArrivedAtItsEnd/the_handler_(had_ended_well|goes_on)`, "within a process nothing has arrived that is not received", fails},
	{local, `^TestAMessageOverALimit.*/what_the_server_sends$|^TestRequestsYieldTheirErrorAgain`, "within a process the limits of sizes are those of the calls: a server has none", fails},
	{local, `^TestStopEndsOpenStreams|^TestGracefulStop|^TestTheEndOfACallDoesNotWaitForItsProducer/.*/server_stops|^TestTheEndOfACallDoesNotWaitForItsProducer/.*/connection_lost|^TestAGatewayPassesOnTheEndOfItsUpstream/.*/upstream_dies|^TestSendLearnsOfTheEnd/the_server_stops`, "within a process there is no server to stop, and no connection to lose", hangs},
	{local, `^TestAConversationOverAConnectionIsInStep|^TestASentMessageMayBeUsedAgain/as_it_comes|^TestASentMessageMayBeUsedAgain/compressed|^TestACallIsOverWhenItsErrorIsSeen/bidirectional/half-close|^TestAProducersErrorWinsOverAnEndThatAnInterceptorMadeGood/bidirectional`,
		"within a process nothing is buffered: a message is sent when it is received", hangs},
	{onHTTP, `^TestAServerThatAnswersTwice`, "the code is Unimplemented, which gRPC's specification has for a client that gets two answers or none, and not Internal, as of grpc-go", differs},
	{http1, `^TestTheEndOfACallDoesNotWaitForItsProducer/client_streaming/(connection_lost|server_stops|answer)`,
		"over HTTP/1.1 a client learns of a lost connection when it sends, since net/http waits for its request, and a handler that its client has gone when it receives; an early answer takes up to 50 ms", fails},
	{http1, `^TestAGatewayPassesOnTheEndOfItsUpstream/client_streaming/upstream_dies`,
		"nor does a gateway that waits for its own client over HTTP/1.1 learn that its upstream has gone", hangs},
	{onHTTP, `^TestTheServerSeesCanceledWhenALoopIsLeft/bidirectional`,
		"in the time of a bubble a server that sends without a pause leaves none for net/http: TestLeavingAFlood of gohostconnect is over real connections", leftOut},
	{onHTTP, `^TestAServerStreamingMethodWaits|^TestACallIsOverWhenItsErrorIsSeen/server_streaming/half-close|^TestACallIsOverWhenItsErrorIsSeen/server_streaming/receive`,
		"connect opens a server-streaming call with its request, and SendMsg returns when the response begins", hangs},
}
