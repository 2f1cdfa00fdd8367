package main

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/gohostrpc/gohost/examples/internal/program"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/greeter"
)

func call(ctx context.Context, client program.Client) error {
	service := greeter.NewGreeterStub(client.Conn).With(client.Options...)
	if args := client.Args; len(args) == 2 && args[0] == "hub" {
		return stay(ctx, service, args[1], client.Out)
	} else if len(args) > 0 {
		return fmt.Errorf("%q is not hub and a name", args)
	}
	if err := greet(ctx, service, client.Out); err != nil {
		return err
	}
	return visit(ctx, service, client.Out)
}

// greet shows the calls that greet: one greeting, three greetings, and a conversation.
func greet(ctx context.Context, service greeter.Greeter, out io.Writer) error {
	ada, bob := &greeter.HelloRequest{Name: "Ada"}, &greeter.HelloRequest{Name: "Bob"}
	reply, err := service.SayHello(ctx, ada)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, reply.GetMessage())

	count := 0
	for reply, err := range service.SayHelloStreamReply(ctx, ada) {
		if err != nil {
			return err
		}
		fmt.Fprintln(out, reply.GetMessage())
		if count++; count == 3 {
			break // the server notices
		}
	}

	// The names come from a channel that nothing closes. Waiting for it ends with the
	// loop, since it is within the scope of the call.
	names := make(chan *greeter.HelloRequest, 2)
	names <- ada
	names <- bob
	count = 0
	for reply, err := range stream.Scope(ctx, func(ctx context.Context) iter.Seq2[*greeter.HelloReply, error] {
		return service.SayHelloBidiStream(ctx, stream.FromChan(ctx, names))
	}) {
		if err != nil {
			return err
		}
		fmt.Fprintln(out, reply.GetMessage())
		if count++; count == 2 {
			break
		}
	}
	return nil
}

// visit shows the hub: Bob enters while Ada is inside, leaves, and returns.
func visit(ctx context.Context, service greeter.Greeter, out io.Writer) error {
	err := enter(ctx, service, "Ada", out, func(kind any) (bool, error) {
		switch e := kind.(type) {
		case *greeter.GreetingMessage_First:
			if e.First.GetMessage() == "Hello Ada" {
				err := enter(ctx, service, "Bob", out, func(any) (bool, error) { return false, nil })
				return true, err
			}
		case *greeter.GreetingMessage_Goodbye:
			return false, nil // Bob has left, and so does Ada
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	// Bob gets only the events that he has missed, and stays for the next one.
	left := false
	return enter(ctx, service, "Bob", out, func(kind any) (bool, error) {
		switch kind.(type) {
		case *greeter.GreetingMessage_Goodbye:
			left = true
		case *greeter.GreetingMessage_Timer:
			return !left, nil
		}
		return true, nil
	})
}

// stay enters the hub and stays until the server ends the visit or ctx ends.
func stay(ctx context.Context, service greeter.Greeter, name string, out io.Writer) error {
	err := enter(ctx, service, name, out, func(any) (bool, error) { return true, nil })
	if ctx.Err() != nil {
		return nil // a user leaves with Ctrl+C
	}
	return err
}

// enter enters the hub, writes what happens there, and leaves when on returns false.
func enter(ctx context.Context, service greeter.Greeter, name string, out io.Writer, on func(kind any) (stay bool, err error)) error {
	for event, err := range service.SayHelloStream2(ctx, &greeter.HelloRequest{Name: name}) {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s sees: %s\n", name, describe(event))
		if stay, err := on(event.GetGreeting()); !stay || err != nil {
			return err // which leaves the hub
		}
	}
	return nil
}

// describe returns a text for each kind of event.
func describe(event *greeter.GreetingMessage) string {
	switch e := event.GetGreeting().(type) {
	case *greeter.GreetingMessage_First:
		return e.First.GetMessage()
	case *greeter.GreetingMessage_Timer:
		return fmt.Sprintf("%s (%d)", e.Timer.GetMessage(), e.Timer.GetCount())
	case *greeter.GreetingMessage_Goodbye:
		return e.Goodbye.GetMessage()
	default:
		return fmt.Sprintf("something that only a newer client understands (%T)", e)
	}
}
