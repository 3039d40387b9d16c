/**
 * The group coordinator: a state machine for each partition of {@code __consumer_offsets}. A kind of group is a package
 * below this one with a {@link io.odradek.group.KindOfGroup}; what all kinds share is here: finding groups by id, listing
 * and deleting them, their offsets.
 */
package io.odradek.group;
