*** Settings ***
Documentation    Suite documentation

*** Test Cases ***
Hello World
    [Documentation]    Body of the case
    Should Be Equal    a    a

Broken
    Should Be Equal    a    b
