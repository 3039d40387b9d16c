package io.odradek.cli;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.header.Header;

/**
 * A record as it was read.
 *
 * @param line number of the line it stands on, from 1
 * @param timestampMs milliseconds since 1970, if the input has one
 */
record InputRecord(
        long line, Optional<byte[]> key, Optional<byte[]> value, List<Header> headers, OptionalLong timestampMs) {}
