/** A partition as leader and as follower: high watermark, in-sync replicas, leader epochs, reads and appends. */
package io.odradek.replication;
