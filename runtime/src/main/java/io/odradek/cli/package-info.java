/** The commands. */
package io.odradek.cli;
