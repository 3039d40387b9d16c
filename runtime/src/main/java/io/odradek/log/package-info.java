/** The storage engine: segments, indexes, recovery, retention, compaction, producer state. Knows files and record batches, nothing of networks, topics' metadata or Raft. */
package io.odradek.log;
