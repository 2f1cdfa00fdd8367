package gohost

import (
	"fmt"
	"os"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/gohostrpc/gohost/internal/routing"
)

// CheckEnvironment returns an error that names all entries of the environment
// variable GOHOST_HOSTS that are malformed, name an invalid host, or are for none
// of the services. It returns nil where all is well, or the variable is not set.
//
// A stub reads the variable when it is made, and a mistake fails its calls. An
// entry with a misspelt name is for no stub at all: nothing would tell. So a main
// can fail when it starts:
//
//	if err := gohost.CheckEnvironment(); err != nil {
//		log.Fatal(err)
//	}
//
// Without services, they are those whose generated messages are linked into the
// program. Where several programs are given the same value of the variable, an
// entry that is for another program is an error as well, unless the services of
// that are listed, too:
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
