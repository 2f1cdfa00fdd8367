package kinds

// Mentions hands out an unexported type in each place where a type can appear.
// Each of these types is listed.
var Mentions struct {
	InArray     [1]inArray
	InSlice     []inSlice
	InChannel   chan inChannel
	InMap       map[inKey]inElement
	InPointer   *inPointer
	InFunction  func(inParameter) inResult
	InInterface interface{ Method(inInterface) }
	InStruct    struct{ F inStruct }
	InArgument  Set[inArgument]
	InAlias     inAlias
}

type (
	inArray     struct{ A int }
	inSlice     struct{ A int }
	inChannel   struct{ A int }
	inKey       struct{ A int }
	inElement   struct{ A int }
	inPointer   struct{ A int }
	inParameter struct{ A int }
	inResult    struct{ A int }
	inInterface struct{ A int }
	inStruct    struct{ A int }
	inArgument  struct{ A int }
	inAlias     = struct{ A int }
)

func InConstraint[T interface{ ~string | inUnion }, U inConstraint]() {}

type inUnion int

type inConstraint interface{ EmbedsCycle() cycle }

// cycle embeds a type that embeds it.
type cycle struct {
	*back
	A int
}

type back struct {
	*cycle
	B int
}
