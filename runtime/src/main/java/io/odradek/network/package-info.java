/** Netty: listeners, TLS, framing, request decoding, response encoding, back-pressure. */
package io.odradek.network;
