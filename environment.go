package gohost

import (
	"fmt"
	"os"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/gohostrpc/gohost/internal/routing"
)

// CheckEnvironment returns an error that names all entries of the environment
// variable GOHOST_HOSTS that are malformed, name an invalid host, or match none
// of the services. It returns nil if there are none, or if the variable is not set or
// empty.
//
// A stub reads the variable when it is made, and a mistake fails its calls with
// Internal. An entry with a misspelt name matches no stub, so nothing would report it.
// With CheckEnvironment a program can fail when it starts:
//
//	if err := gohost.CheckEnvironment(); err != nil {
//		log.Fatal(err)
//	}
//
// By default the services are those whose generated messages are linked into the
// program. If several programs share one value of the variable, an entry for another
// program is an error as well. To avoid that, list that program's services, too:
//
//	gohost.CheckEnvironment(&squarepb.SquareServiceHosts, &feedpb.FeedHosts)
func CheckEnvironment(services ...*ServiceHosts) error {
	var names []string
	for _, s := range services {
		names = append(names, s.Name)
	}
	if len(services) == 0 {
		names = linked()
	}
	if err := routing.CheckEnvironment(os.Getenv(routing.Variable), names); err != nil {
		return fmt.Errorf("gohost.CheckEnvironment: %w", err)
	}
	return nil
}

// linked returns the names of the services in the .proto files of this program.
func linked() []string {
	var names []string
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			names = append(names, string(file.Services().Get(i).FullName()))
		}
		return true
	})
	return names
}
