/** The APIs of groups: each finds the group's shard and has it decide. */
package io.odradek.api.group;
