package kinds

import (
	"fmt"
	"io"
)

type Interface interface {
	Second(name string) (int, error)
	First()
}

type Closed interface {
	Method()
	unlisted()
}

// Embeds has the methods of an unexported interface, and exported ones as a whole.
type Embeds interface {
	io.Reader
	fmt.Stringer
	closer
	sealed
}

type sealed interface{ sealed() }

type Any interface{}

type Number interface {
	~int | ~float64
	fmt.Stringer
}

type Comparable interface{ comparable }
