/** Fetch sessions (KIP-227): which partitions a fetch is about, and which of the answers are worth sending. */
package io.odradek.api.fetch;
