package main

import (
	"encoding/binary"
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"
)

// readMessage reads a message after its size. It returns io.EOF if there are no more.
func readMessage(in io.Reader, m proto.Message) error {
	var size [4]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		return err
	}
	data := make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(in, data); err != nil {
		return fmt.Errorf("read a message of %d bytes: %w", len(data), err)
	}
	return proto.Unmarshal(data, m)
}

// writeMessage writes a message after its size.
func writeMessage(out io.Writer, m proto.Message) error {
	data, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	_, err = out.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), data...))
	return err
}
